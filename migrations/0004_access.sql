CREATE TABLE `deletions` (
	`tenant` text PRIMARY KEY NOT NULL,
	`deletion_id` text NOT NULL,
	`state` text NOT NULL,
	`shard` integer NOT NULL,
	`jurisdiction` text,
	`progress` text NOT NULL,
	`requested_by` text NOT NULL,
	`requested_ms` integer NOT NULL,
	`purged_ms` integer
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`tenant` text NOT NULL,
	`caller` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`answer` text,
	`created_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `caller`, `key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `idempotency_created` ON `idempotency` (`created_ms`);--> statement-breakpoint
ALTER TABLE `api_keys` ADD `scopes` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `certificate` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `last_used_ms` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `access` text;--> statement-breakpoint
ALTER TABLE `tenants` ADD `quotas` text;