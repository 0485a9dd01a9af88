"""Clock, ids, money, settings, logging, errors, database: nothing that depends on the business."""
