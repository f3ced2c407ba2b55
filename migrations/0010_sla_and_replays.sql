CREATE TABLE `replays` (
	`tenant` text NOT NULL,
	`replay_id` text NOT NULL,
	`state` text NOT NULL,
	`actor` text NOT NULL,
	`started_ms` integer NOT NULL,
	`ended_ms` integer,
	`lease_ms` integer NOT NULL,
	`asked` text NOT NULL,
	`cursor` text NOT NULL,
	`report` text NOT NULL,
	PRIMARY KEY(`tenant`, `replay_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `replays_running` ON `replays` (`tenant`,`replay_id`) WHERE state = 'running';--> statement-breakpoint
CREATE TABLE `sla_minutes` (
	`tenant` text NOT NULL,
	`minute_ms` integer NOT NULL,
	`lines` integer GENERATED ALWAYS AS (iif(json_valid(counts), CAST(counts ->> '$."lines"' AS INTEGER), 0)) STORED,
	`within_5000` integer GENERATED ALWAYS AS (iif(json_valid(counts), CAST(counts ->> '$."within:5000"' AS INTEGER), 0)) STORED,
	`within_30000` integer GENERATED ALWAYS AS (iif(json_valid(counts), CAST(counts ->> '$."within:30000"' AS INTEGER), 0)) STORED,
	`counts` text NOT NULL,
	PRIMARY KEY(`tenant`, `minute_ms`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `breaks` ADD `sent` text;
