CREATE TABLE `polls` (
	`tenant` text NOT NULL,
	`source` text NOT NULL,
	`stream` text NOT NULL,
	`next_ms` integer NOT NULL,
	`lease_ms` integer NOT NULL,
	`cursor` text NOT NULL,
	`failures` integer NOT NULL,
	`report` text NOT NULL,
	PRIMARY KEY(`tenant`, `source`, `stream`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `breaks` ADD `told` text;--> statement-breakpoint
CREATE INDEX `breaks_open` ON `breaks` (`tenant`,`break_id`) WHERE resolved_ms IS NULL;--> statement-breakpoint
CREATE INDEX `gaps_open` ON `gaps` (`tenant`,`subject`,`source`,`epoch`,`from_seq`) WHERE stage <> 'closed';