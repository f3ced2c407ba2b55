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
	`counts` text NOT NULL,
	PRIMARY KEY(`tenant`, `minute_ms`)
) STRICT, WITHOUT ROWID;
