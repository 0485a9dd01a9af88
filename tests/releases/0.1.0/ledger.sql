BEGIN TRANSACTION;
CREATE TABLE keys (
    holder     TEXT PRIMARY KEY,
    key_sha256 TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "keys" VALUES('event-01a22753-79e3-7603-895c-6ee410c7f3a7','50dc08be311e2ed57e8bb44e0bfbbaa87b39c8508d38c88d14653b7b1fec176d');
CREATE TABLE payments (
    reference    TEXT PRIMARY KEY,
    state        TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency     TEXT NOT NULL,
    method       TEXT NOT NULL,
    grouping     TEXT NOT NULL,
    reason       TEXT NOT NULL DEFAULT '',
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    holder       TEXT NOT NULL,
    customer     TEXT NOT NULL DEFAULT '',
    subject      TEXT NOT NULL DEFAULT '',
    goods        TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO "payments" VALUES('01a22753-4613-757b-a2fb-4cc889be9d57','captured',32000,'KRW','card_ok','first-drop','','2026-11-29T12:41:38.604Z','2026-11-29T12:41:38.650Z','event-01a22752-d642-763a-ac5e-5bcddb7b060c','01a22752-d4a9-74c9-b775-b1fc8af69cf3','01a22753-45ab-71c2-81ad-01869384fa58','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a22753-48a7-71ba-a04e-6f02e52161c6','captured',32000,'KRW','card_ok','first-drop','','2026-11-29T12:41:39.253Z','2026-11-29T12:41:39.276Z','event-01a22752-d642-763a-ac5e-5bcddb7b060c','01a22752-d4a9-74c9-b775-b1fd9c1e1309','01a22753-4895-7281-8ac9-4f3e987d5a61','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a22753-4a31-7674-aa68-6db18fda342d','captured',32000,'KRW','card_ok','first-drop','','2026-11-29T12:41:39.637Z','2026-11-29T12:41:39.646Z','event-01a22752-d642-763a-ac5e-5bcddb7b060c','01a22752-d4a9-74c9-b775-b1fe58777875','01a22753-4a1c-7187-b7da-b3dbb4f7904b','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a22754-36d7-7215-ae92-9752562a8938','captured',32000,'KRW','card_ok','second-drop','','2026-11-29T12:42:40.329Z','2026-11-29T12:42:40.434Z','event-01a22753-79e3-7603-895c-6ee410c7f3a7','01a22752-d4a9-74c9-b775-b1fc8af69cf3','01a22754-353a-72cd-8e46-07818608a8f1','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a22754-3b4e-72d9-89b9-e230b8ade7bd','declined',32000,'KRW','card_declined','second-drop','declined by the card''s issuer','2026-11-29T12:42:41.394Z','2026-11-29T12:42:41.394Z','event-01a22753-79e3-7603-895c-6ee410c7f3a7','01a22752-d4a9-74c9-b775-b200b960f157','01a22754-3afd-757e-b9d6-bb510c1ba922','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a22754-3d6a-7435-b7a5-960a58f911d3','refunded',32000,'KRW','card_ok','second-drop','','2026-11-29T12:42:41.911Z','2026-11-29T12:42:42.246Z','event-01a22753-79e3-7603-895c-6ee410c7f3a7','01a22752-d4a9-74c9-b775-b1fe58777875','01a22754-3d46-76db-bfde-f03efa6acdd0','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a22754-490c-7540-b3f3-5850581685f0','captured',32000,'KRW','card_ok','mall','','2026-11-29T12:42:45.482Z','2026-11-29T12:42:45.655Z','','01a22752-d4a9-74c9-b775-b1fc8af69cf3','01a22754-48f1-71c0-8493-01289fb1a714','DAWN-MANY x 1');
CREATE INDEX payments_grouping_idx ON payments (grouping);
CREATE INDEX payments_holder_idx ON payments (holder);
COMMIT;
