CREATE TABLE `destinations` (
	`tenant` text NOT NULL,
	`destination` text NOT NULL,
	`kind` text NOT NULL,
	`url` text NOT NULL,
	`secrets` text NOT NULL,
	`per_minute` integer NOT NULL,
	`concurrency` integer NOT NULL,
	`paused_ms` integer,
	`paused_for` text,
	`created_ms` integer NOT NULL,
	`updated_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `destination`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `subscriptions` (
	`tenant` text NOT NULL,
	`subscription` text NOT NULL,
	`destination` text NOT NULL,
	`types` text NOT NULL,
	`sources` text,
	`except_sources` text,
	`since_ms` integer NOT NULL,
	`created_ms` integer NOT NULL,
	`updated_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `subscription`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `deliveries` (
	`tenant` text NOT NULL,
	`delivery_id` text NOT NULL,
	`destination` text NOT NULL,
	`destination_ms` integer NOT NULL,
	`subscription` text NOT NULL,
	`event_id` text,
	`type` text NOT NULL,
	`subject` text NOT NULL,
	`state` text NOT NULL,
	`body` text NOT NULL,
	`step` integer NOT NULL,
	`due_ms` integer,
	`attempts` text NOT NULL,
	`created_ms` integer NOT NULL,
	`ended_ms` integer,
	PRIMARY KEY(`tenant`, `delivery_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`tenant`,`destination`,`due_ms`) WHERE due_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `deliveries_dead` ON `deliveries` (`tenant`,`delivery_id`) WHERE state = 'dead';