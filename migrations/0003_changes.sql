CREATE TABLE `changes` (
	`tenant` text NOT NULL,
	`subject` text NOT NULL,
	`position` integer NOT NULL,
	`node` text NOT NULL,
	`at_ms` integer NOT NULL,
	`event_id` text NOT NULL,
	PRIMARY KEY(`tenant`, `subject`, `position`, `node`)
) STRICT, WITHOUT ROWID;
