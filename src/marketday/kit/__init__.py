"""Clock, ids, money, settings, logging, errors, database: nothing of the business."""
