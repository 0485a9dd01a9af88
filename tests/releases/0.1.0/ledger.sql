BEGIN TRANSACTION;
CREATE TABLE keys (
    holder     TEXT PRIMARY KEY,
    key_sha256 TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "keys" VALUES('event-01a2272e-f15e-764e-9063-d1d0a5e729c6','f945ce5fd1ef2380f2870e3d74fb596411b8b2e557229ee5831158a20fc8d3ff');
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
INSERT INTO "payments" VALUES('01a2272e-e50d-77b5-b909-98108da16ba2','captured',32000,'KRW','card_ok','first-drop','','2026-11-29T12:01:54.451Z','2026-11-29T12:01:54.457Z','event-01a2272e-d485-7552-9d19-671f9f73c522','01a2272e-d454-74ab-8801-c271c737d06f','01a2272e-e4fa-726a-a7c9-257e66daf7e0','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a2272e-e5ff-7598-8c5c-df0e5a771eb4','captured',32000,'KRW','card_ok','first-drop','','2026-11-29T12:01:54.690Z','2026-11-29T12:01:54.692Z','event-01a2272e-d485-7552-9d19-671f9f73c522','01a2272e-d454-74ab-8801-c272b77ba77b','01a2272e-e5fc-71c5-af99-b4ab7e82f685','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a2272e-e753-743a-9aa0-288f29169f37','captured',32000,'KRW','card_ok','first-drop','','2026-11-29T12:01:55.028Z','2026-11-29T12:01:55.030Z','event-01a2272e-d485-7552-9d19-671f9f73c522','01a2272e-d454-74ab-8801-c27316049bf1','01a2272e-e750-74d0-9040-204e9074b326','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a2272f-0ba4-7054-8011-478609c72928','captured',32000,'KRW','card_ok','second-drop','','2026-11-29T12:02:04.331Z','2026-11-29T12:02:04.338Z','event-01a2272e-f15e-764e-9063-d1d0a5e729c6','01a2272e-d454-74ab-8801-c271c737d06f','01a2272f-0b8b-7548-8af9-821a9090a8b4','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a2272f-0bc8-70dc-8764-9a881d894423','declined',32000,'KRW','card_declined','second-drop','declined by the card''s issuer','2026-11-29T12:02:04.361Z','2026-11-29T12:02:04.361Z','event-01a2272e-f15e-764e-9063-d1d0a5e729c6','01a2272e-d454-74ab-8801-c27585cfd812','01a2272f-0bc5-70e7-b894-e4989e5c6283','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a2272f-0be1-75ef-9211-2971c35874b2','refunded',32000,'KRW','card_ok','second-drop','','2026-11-29T12:02:04.387Z','2026-11-29T12:02:04.503Z','event-01a2272e-f15e-764e-9063-d1d0a5e729c6','01a2272e-d454-74ab-8801-c27316049bf1','01a2272f-0bdf-7225-a80e-4d3a0ef85956','DAWN-MANY x 1');
INSERT INTO "payments" VALUES('01a2272f-10c3-72b1-b286-0c3dc3ebfc50','captured',32000,'KRW','card_ok','mall','','2026-11-29T12:02:05.652Z','2026-11-29T12:02:05.655Z','','01a2272e-d454-74ab-8801-c271c737d06f','01a2272f-10c2-724b-93d6-86f726e41a6c','DAWN-MANY x 1');
CREATE INDEX payments_grouping_idx ON payments (grouping);
CREATE INDEX payments_holder_idx ON payments (holder);
COMMIT;
