DROP TRIGGER `transfers_no_delete`;
--> statement-breakpoint
CREATE TRIGGER `transfers_no_delete` BEFORE DELETE ON `transfers`
WHEN NOT EXISTS (SELECT 1 FROM `deletions` WHERE `tenant` = OLD.`tenant` AND `state` = 'purging')
BEGIN SELECT RAISE(ABORT, 'A transfer is never deleted: post its opposite'); END;
