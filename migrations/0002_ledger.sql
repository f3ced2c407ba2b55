CREATE TABLE `payout_proposals` (
	`tenant` text NOT NULL,
	`run_id` text NOT NULL,
	`distributor_id` text NOT NULL,
	`currency` text NOT NULL,
	`gross_minor` integer NOT NULL,
	`fee_minor` integer NOT NULL,
	`withholding_minor` integer NOT NULL,
	`net_minor` integer NOT NULL,
	PRIMARY KEY(`tenant`, `run_id`, `distributor_id`, `currency`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `plans` (
	`tenant` text NOT NULL,
	`plan_id` text NOT NULL,
	`version` integer NOT NULL,
	`effective_ms` integer NOT NULL,
	`body` text NOT NULL,
	`created_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `plan_id`, `version`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `runs` (
	`tenant` text NOT NULL,
	`run_id` text NOT NULL,
	`kind` text NOT NULL,
	`plan_id` text NOT NULL,
	`period_id` text NOT NULL,
	`state` text NOT NULL,
	`attempt` integer NOT NULL,
	`progress` text NOT NULL,
	`started_ms` integer NOT NULL,
	`ended_ms` integer,
	PRIMARY KEY(`tenant`, `run_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `aliases` (
	`tenant` text NOT NULL,
	`alias` text NOT NULL,
	`subject` text NOT NULL,
	PRIMARY KEY(`tenant`, `alias`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `anchors` (
	`tenant` text NOT NULL,
	`subject` text NOT NULL,
	`day` text NOT NULL,
	`position` integer NOT NULL,
	`head` text NOT NULL,
	PRIMARY KEY(`tenant`, `subject`, `day`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `edges` (
	`tenant` text NOT NULL,
	`tree` text NOT NULL,
	`node` text NOT NULL,
	`version` text NOT NULL,
	`node_kind` text NOT NULL,
	`effective_ms` integer NOT NULL,
	`parent_id` text,
	`leg` text,
	PRIMARY KEY(`tenant`, `tree`, `node`, `version`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `edges_parent` ON `edges` (`tenant`,`tree`,`parent_id`);--> statement-breakpoint
CREATE TABLE `messages` (
	`tenant` text NOT NULL,
	`message_key` text NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`about` text NOT NULL,
	`created_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `message_key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `orders` (
	`tenant` text NOT NULL,
	`order_id` text NOT NULL,
	`state` text NOT NULL,
	`payment_id` text,
	`source_node` text,
	`order_kind` text,
	`currency` text,
	`net_minor` integer NOT NULL,
	`tax_minor` integer NOT NULL,
	`shipping_minor` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	`fee_minor` integer NOT NULL,
	`returned_minor` integer NOT NULL,
	`cv_x100` integer NOT NULL,
	`pv_x100` integer NOT NULL,
	`paid_ms` integer,
	`period_id` text,
	`lines` integer NOT NULL,
	`manifest` text NOT NULL,
	PRIMARY KEY(`tenant`, `order_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `orders_paid` ON `orders` (`tenant`,`paid_ms`) WHERE paid_ms IS NOT NULL;--> statement-breakpoint
CREATE TABLE `records` (
	`tenant` text NOT NULL,
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`epoch` integer NOT NULL,
	`rev` text NOT NULL,
	`occurred_ms` integer NOT NULL,
	`recorded_ms` integer NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`tenant`, `kind`, `id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `volumes` (
	`tenant` text NOT NULL,
	`distributor_id` text NOT NULL,
	`period_id` text NOT NULL,
	`pv_x100` integer NOT NULL,
	`cv_x100` integer NOT NULL,
	`gv_x100` integer NOT NULL,
	PRIMARY KEY(`tenant`, `distributor_id`, `period_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `__new_account_days` (
	`tenant` text NOT NULL,
	`account` text NOT NULL,
	`currency` text NOT NULL,
	`day` text NOT NULL,
	`known_day` text NOT NULL,
	`amount_minor` integer NOT NULL,
	PRIMARY KEY(`tenant`, `account`, `currency`, `day`, `known_day`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_account_days`
	SELECT `tenant`, `account`, `currency`, date(`effective_ms` / 1000, 'unixepoch'),
		date(`recorded_ms` / 1000, 'unixepoch'), sum(`amount`)
	FROM (SELECT `tenant`, `debit` AS `account`, `currency`, `effective_ms`, `recorded_ms`, `amount_minor` AS `amount` FROM `transfers`
		UNION ALL SELECT `tenant`, `credit`, `currency`, `effective_ms`, `recorded_ms`, -`amount_minor` FROM `transfers`)
	GROUP BY 1, 2, 3, 4, 5;--> statement-breakpoint
DROP TABLE `account_days`;--> statement-breakpoint
ALTER TABLE `__new_account_days` RENAME TO `account_days`;--> statement-breakpoint
ALTER TABLE `held` ADD `needs` text;--> statement-breakpoint
CREATE INDEX `held_needs` ON `held` (`tenant`,`needs`) WHERE needs IS NOT NULL;--> statement-breakpoint
ALTER TABLE `lines` ADD `origin` text DEFAULT 'core' NOT NULL;--> statement-breakpoint
ALTER TABLE `lines` ADD `due_ms` integer;--> statement-breakpoint
CREATE INDEX `lines_due` ON `lines` (`due_ms`) WHERE due_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `lines_pending` ON `lines` (`tenant`,`period_id`) WHERE state = 'pending';--> statement-breakpoint
INSERT INTO `edges`
	SELECT `tenant`, `tree`, `distributor_id`, printf('e%016d.%02d.%s', `epoch`, length(`rev`), `rev`),
		'distributor', `effective_ms`, `parent_id`, iif(`tree` = 'placement', `leg`, NULL)
	FROM (SELECT *, 'sponsor' AS `tree`, `value` ->> 'sponsor_id' AS `parent_id`, NULL AS `leg`
			FROM `standings` WHERE `kind` = 'enrolment'
		UNION ALL SELECT *, 'placement', `value` ->> 'placement_id', `value` ->> 'leg'
			FROM `standings` WHERE `kind` = 'enrolment' AND `value` ->> 'placement_id' IS NOT NULL);
