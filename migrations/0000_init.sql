CREATE TABLE `api_keys` (
	`tenant` text NOT NULL,
	`key_id` text NOT NULL,
	`hash` text NOT NULL,
	`role` text NOT NULL,
	`subject` text,
	`label` text,
	`created_ms` integer NOT NULL,
	`expires_ms` integer,
	`revoked_ms` integer,
	PRIMARY KEY(`tenant`, `key_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE TABLE `audit` (
	`tenant` text NOT NULL,
	`audit_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`detail` text NOT NULL,
	PRIMARY KEY(`tenant`, `audit_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `jobs` (
	`job` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`ran_ms` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sources` (
	`tenant` text NOT NULL,
	`source` text NOT NULL,
	`sender` text NOT NULL,
	`scheme` text NOT NULL,
	`url` text,
	`secrets` text NOT NULL,
	`options` text NOT NULL,
	`paused_ms` integer,
	`created_ms` integer NOT NULL,
	`updated_ms` integer NOT NULL,
	`published_ms` integer,
	PRIMARY KEY(`tenant`, `source`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `tenants` (
	`tenant` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`mode` text NOT NULL,
	`currency` text NOT NULL,
	`jurisdiction` text,
	`shard` integer NOT NULL,
	`core_url` text,
	`core_auth` text,
	`data_key` text NOT NULL,
	`created_ms` integer NOT NULL,
	`updated_ms` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `account_days` (
	`tenant` text NOT NULL,
	`account` text NOT NULL,
	`currency` text NOT NULL,
	`day` text NOT NULL,
	`amount_minor` integer NOT NULL,
	PRIMARY KEY(`tenant`, `account`, `currency`, `day`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `breaks` (
	`tenant` text NOT NULL,
	`break_id` text NOT NULL,
	`class` text NOT NULL,
	`subject` text NOT NULL,
	`reference` text NOT NULL,
	`detail` text NOT NULL,
	`found_ms` integer NOT NULL,
	`resolved_ms` integer,
	PRIMARY KEY(`tenant`, `break_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `events` (
	`tenant` text NOT NULL,
	`event_id` text NOT NULL,
	`source` text NOT NULL,
	`sender_id` text NOT NULL,
	`type` text,
	`subject` text,
	`outcome` text NOT NULL,
	`code` text,
	`of` text,
	`position` integer,
	`delivery_id` text,
	`archive` text,
	`occurred_ms` integer,
	`received_ms` integer NOT NULL,
	`recorded_ms` integer NOT NULL,
	`errors` text,
	`repeated` integer NOT NULL,
	PRIMARY KEY(`tenant`, `event_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `events_sender_id` ON `events` (`tenant`,`source`,`sender_id`) WHERE repeated = 0;--> statement-breakpoint
CREATE TABLE `frontlines` (
	`tenant` text NOT NULL,
	`distributor_id` text NOT NULL,
	`distributors` integer NOT NULL,
	PRIMARY KEY(`tenant`, `distributor_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `gaps` (
	`tenant` text NOT NULL,
	`subject` text NOT NULL,
	`source` text NOT NULL,
	`epoch` integer NOT NULL,
	`from_seq` integer NOT NULL,
	`to_seq` integer NOT NULL,
	`since_ms` integer NOT NULL,
	`stage` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `subject`, `source`, `epoch`, `from_seq`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `held` (
	`tenant` text NOT NULL,
	`event_id` text NOT NULL,
	`state` text NOT NULL,
	`source` text NOT NULL,
	`sender_id` text NOT NULL,
	`type` text,
	`key` text,
	`code` text NOT NULL,
	`reason` text NOT NULL,
	`since_ms` integer NOT NULL,
	`message` text,
	PRIMARY KEY(`tenant`, `event_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lines` (
	`tenant` text NOT NULL,
	`distributor_id` text NOT NULL,
	`line_id` text NOT NULL,
	`order_id` text,
	`component` text NOT NULL,
	`level` integer,
	`depth` integer,
	`rate_ppm` integer,
	`amount_minor` integer NOT NULL,
	`reversed_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`state` text NOT NULL,
	`period_id` text,
	`effective_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `distributor_id`, `line_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `lines_order` ON `lines` (`tenant`,`order_id`) WHERE order_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `standings` (
	`tenant` text NOT NULL,
	`distributor_id` text NOT NULL,
	`kind` text NOT NULL,
	`period_id` text NOT NULL,
	`epoch` integer NOT NULL,
	`rev` text NOT NULL,
	`effective_ms` integer NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`tenant`, `distributor_id`, `kind`, `period_id`, `epoch`, `rev`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `subjects` (
	`tenant` text NOT NULL,
	`subject` text NOT NULL,
	`position` integer NOT NULL,
	`head` text NOT NULL,
	`frozen_ms` integer,
	`view_position` integer,
	`as_of_ms` integer,
	`display_name` text,
	`view` text,
	PRIMARY KEY(`tenant`, `subject`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `transfers` (
	`tenant` text NOT NULL,
	`subject` text NOT NULL,
	`position` integer NOT NULL,
	`n` integer NOT NULL,
	`rule` text NOT NULL,
	`debit` text NOT NULL,
	`credit` text NOT NULL,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`reference` text NOT NULL,
	`event_id` text NOT NULL,
	`effective_ms` integer NOT NULL,
	`recorded_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `subject`, `position`, `n`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TRIGGER `transfers_no_update` BEFORE UPDATE ON `transfers` BEGIN SELECT RAISE(ABORT, 'A transfer is never changed: post its opposite'); END;
--> statement-breakpoint
CREATE TRIGGER `transfers_no_delete` BEFORE DELETE ON `transfers` BEGIN SELECT RAISE(ABORT, 'A transfer is never deleted: post its opposite'); END;
