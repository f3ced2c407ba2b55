CREATE TABLE `differences` (
	`tenant` text NOT NULL,
	`run_id` text NOT NULL,
	`distributor_id` text NOT NULL,
	`line_id` text NOT NULL,
	`core` text,
	`mirror` text,
	PRIMARY KEY(`tenant`, `run_id`, `distributor_id`, `line_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `digests` (
	`tenant` text NOT NULL,
	`kind` text NOT NULL,
	`hour_ms` integer NOT NULL,
	`shard` integer NOT NULL,
	`currency` text NOT NULL,
	`items` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	`s0` integer NOT NULL,
	`s1` integer NOT NULL,
	`s2` integer NOT NULL,
	`s3` integer NOT NULL,
	`s4` integer NOT NULL,
	`s5` integer NOT NULL,
	`s6` integer NOT NULL,
	`s7` integer NOT NULL,
	PRIMARY KEY(`tenant`, `kind`, `hour_ms`, `shard`, `currency`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `reconciliation_runs` (
	`tenant` text NOT NULL,
	`run_id` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`cause` text NOT NULL,
	`started_ms` integer NOT NULL,
	`ended_ms` integer,
	`lease_ms` integer NOT NULL,
	`cursor` text NOT NULL,
	`report` text NOT NULL,
	PRIMARY KEY(`tenant`, `run_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `reconciliation_runs_running` ON `reconciliation_runs` (`tenant`,`run_id`) WHERE state = 'running';--> statement-breakpoint
CREATE TABLE `repairs` (
	`tenant` text NOT NULL,
	`subject` text NOT NULL,
	PRIMARY KEY(`tenant`, `subject`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `breaks` ADD `outcome` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `run_id` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `distributor_id` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `currency` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `amount_minor` integer;--> statement-breakpoint
ALTER TABLE `breaks` ADD `core` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `mirror` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `action` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `why` text;--> statement-breakpoint
ALTER TABLE `breaks` ADD `resolution` text;--> statement-breakpoint
ALTER TABLE `lines` ADD `digest` text;--> statement-breakpoint
DROP TRIGGER `transfers_no_delete`;
--> statement-breakpoint
CREATE TRIGGER `transfers_no_delete` BEFORE DELETE ON `transfers`
WHEN NOT EXISTS (SELECT 1 FROM `deletions` WHERE `tenant` = OLD.`tenant` AND `state` = 'purging')
  AND NOT EXISTS (SELECT 1 FROM `repairs` WHERE `tenant` = OLD.`tenant` AND `subject` = OLD.`subject`)
BEGIN SELECT RAISE(ABORT, 'A transfer is never deleted: post its opposite'); END;
