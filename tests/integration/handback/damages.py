"""Damages that a drop's own tables agree about, each with an equation that has to find it."""

ORDER = "(SELECT id FROM orders ORDER BY id LIMIT 1)"
LAST = "(SELECT id FROM orders ORDER BY id DESC LIMIT 1)"
RESERVATION = f"(SELECT reservation_id FROM orders WHERE id = {ORDER})"
PERSON = f"(SELECT person_id FROM orders WHERE id = {ORDER})"
STRANGER = "(SELECT person_id FROM orders ORDER BY id DESC LIMIT 1)"

UNKNOWN_PAYMENT = """
    INSERT INTO payments SELECT gen_random_uuid(), drop_slug, reservation_id, person_id, NULL, 'declined', {amount},
        {currency}, '', gen_random_uuid()::text, fingerprint, created_at, updated_at FROM payments LIMIT 1
"""

CONSISTENT = {
    "an order that nobody paid": (
        """
        INSERT INTO reservations SELECT 'aaaaaaaa-0000-7000-8000-000000000001', drop_slug, sku, person_id, 1,
            unit_price_minor, currency, 'confirmed', reserved_until, 'forged', fingerprint, created_at, settled_at
            FROM reservations WHERE state = 'released';
        INSERT INTO orders SELECT 'aaaaaaaa-0000-7000-8000-000000000002', r.drop_slug, r.person_id, r.id, 'paid', 'KRW',
            r.unit_price_minor, r.created_at FROM reservations r WHERE idempotency_key = 'forged';
        INSERT INTO order_lines SELECT 'aaaaaaaa-0000-7000-8000-000000000002', 1, l.sku, l.title_ko, l.title_en, 1,
            l.unit_price_minor FROM order_lines l LIMIT 1;
        INSERT INTO payments SELECT 'aaaaaaaa-0000-7000-8000-000000000003', r.drop_slug, r.id, r.person_id,
            'aaaaaaaa-0000-7000-8000-000000000002', 'captured', r.unit_price_minor, 'KRW', '', 'forged', r.fingerprint,
            r.created_at, r.created_at FROM reservations r WHERE idempotency_key = 'forged';
        UPDATE stock SET sold = sold + 1;
        UPDATE allowances SET taken = taken + 1 FROM reservations r
            WHERE r.idempotency_key = 'forged' AND allowances.person_id = r.person_id;
        """,
        "payments_are_the_gateways",
    ),
    "an order removed whole": (
        f"""
        UPDATE stock SET sold = sold - 1;
        DELETE FROM allowances WHERE person_id = {PERSON};
        DELETE FROM reservations WHERE id = {RESERVATION};
        """,
        "payments_are_the_gateways",
    ),
    "an order removed, its reservation expired": (
        f"""
        UPDATE stock SET sold = sold - 1;
        UPDATE allowances SET taken = 0 WHERE person_id = {PERSON};
        UPDATE reservations SET state = 'expired' WHERE id = {RESERVATION};
        DELETE FROM orders WHERE id = {ORDER};
        """,
        "payments_are_the_gateways",
    ),
    "a price of 1 everywhere": (
        """
        UPDATE items SET price_minor = 1; UPDATE reservations SET unit_price_minor = 1;
        UPDATE order_lines SET unit_price_minor = 1; UPDATE orders SET total_minor = 1;
        UPDATE payments SET amount_minor = 1;
        """,
        "items_are_those_lent",
    ),
    "a price of 1 in one order": (
        f"""
        UPDATE reservations SET unit_price_minor = 1 WHERE id = {RESERVATION};
        UPDATE order_lines SET unit_price_minor = 1 WHERE order_id = {ORDER};
        UPDATE orders SET total_minor = 1 WHERE id = {ORDER};
        UPDATE payments SET amount_minor = 1 WHERE order_id = {ORDER};
        """,
        "payments_are_the_gateways",
    ),
    "another currency everywhere": (
        """
        UPDATE items SET currency = 'VND'; UPDATE reservations SET currency = 'VND'; UPDATE orders SET currency = 'VND';
        UPDATE payments SET currency = 'VND';
        """,
        "items_are_those_lent",
    ),
    "a limit raised": (
        "UPDATE items SET limit_per_person = 5; UPDATE allowances SET limit_per_person = 5",
        "items_are_those_lent",
    ),
    "an allowance's limit raised": ("UPDATE allowances SET limit_per_person = 5", "nobody_is_over_the_limit"),
    "an order moved to another buyer": (
        f"""
        UPDATE allowances SET taken = 0 WHERE person_id = {PERSON};
        UPDATE allowances SET taken = 2 WHERE person_id = {STRANGER};
        UPDATE payments SET person_id = {STRANGER} WHERE order_id = {ORDER};
        UPDATE reservations SET person_id = {STRANGER} WHERE id = {RESERVATION};
        UPDATE orders SET person_id = {STRANGER} WHERE id = {ORDER};
        """,
        "payments_are_the_gateways",
    ),
    "two equal payments swapped": (
        f"""
        CREATE TEMP TABLE swap AS SELECT id, CASE order_id WHEN {ORDER} THEN {LAST} ELSE {ORDER} END AS order_id
            FROM payments WHERE order_id IN ({ORDER}, {LAST});
        UPDATE payments SET order_id = swap.order_id FROM swap WHERE swap.id = payments.id; DROP TABLE swap;
        """,
        "payments_are_the_orders_own",
    ),
    "two equal payments swapped with all that names their person": (
        f"""
        CREATE TEMP TABLE swap AS SELECT id, lead(id) OVER w AS other, lag(id) OVER w AS one
            FROM payments WHERE order_id IN ({ORDER}, {LAST}) WINDOW w AS (ORDER BY id);
        UPDATE payments SET id = 'aaaaaaaa-0000-7000-8000-000000000009' FROM swap
            WHERE payments.id = swap.id AND other IS NOT NULL;
        UPDATE payments SET id = swap.one FROM swap WHERE payments.id = swap.id AND swap.one IS NOT NULL;
        UPDATE payments SET id = (SELECT id FROM swap WHERE one IS NOT NULL)
            WHERE id = 'aaaaaaaa-0000-7000-8000-000000000009'; DROP TABLE swap;
        """,
        "payments_are_the_gateways",
    ),
    "a payment's id changed": (
        f"UPDATE payments SET id = gen_random_uuid() WHERE order_id = {ORDER}",
        "payments_are_the_gateways",
    ),
    "an order marked refunded": (
        f"""
        UPDATE orders SET state = 'refunded' WHERE id = {ORDER};
        UPDATE payments SET state = 'refunded' WHERE order_id = {ORDER};
        UPDATE stock SET sold = sold - 1; UPDATE allowances SET taken = 0 WHERE person_id = {PERSON};
        """,
        "payments_are_the_gateways",
    ),
    "a payment marked declined with its order gone": (
        f"""
        UPDATE payments SET state = 'declined', order_id = NULL WHERE order_id = {ORDER};
        UPDATE stock SET sold = sold - 1; UPDATE allowances SET taken = 0 WHERE person_id = {PERSON};
        UPDATE reservations SET state = 'expired' WHERE id = {RESERVATION}; DELETE FROM orders WHERE id = {ORDER};
        """,
        "payments_are_the_gateways",
    ),
    "a title in another normal form": (
        """
        UPDATE items SET title_ko = normalize(title_ko, NFD);
        UPDATE order_lines SET title_ko = normalize(title_ko, NFD);
        """,
        "items_are_those_lent",
    ),
    "a title in another normal form in one line": (
        f"UPDATE order_lines SET title_ko = normalize(title_ko, NFD) WHERE order_id = {ORDER}",
        "lines_are_the_items",
    ),
    "a description replaced": ("UPDATE items SET body_html = '<p>better</p>'", "items_are_those_lent"),
    "a picture replaced": ("UPDATE items SET image = 'data:image/png;base64,AAAA'", "items_are_those_lent"),
    "an order's moment moved forward": (
        f"UPDATE orders SET created_at = created_at + interval '2 s' WHERE id = {ORDER}",
        "moments_follow_each_other",
    ),
    "all moments of an order moved": (
        f"""
        UPDATE orders SET created_at = created_at + interval '10 min' WHERE id = {ORDER};
        UPDATE payments SET created_at = created_at + interval '10 min', updated_at = updated_at + interval '10 min'
            WHERE order_id = {ORDER};
        UPDATE reservations SET created_at = created_at + interval '10 min', settled_at = settled_at + interval '10 min'
            WHERE id = {RESERVATION};
        """,
        "moments_follow_each_other",
    ),
    "a moment that never comes": (
        f"UPDATE orders SET created_at = 'infinity' WHERE id = {ORDER}",
        "values_are_possible",
    ),
    "an entry deleted": ("DELETE FROM entries WHERE index = 6", "the_register_is_the_rooms"),
    "an entry deleted in the middle": ("DELETE FROM entries WHERE index = 3", "entries_have_one_place_each"),
    "an entry deleted and the others moved up": (
        """
        DELETE FROM entries WHERE index = 3; UPDATE entries SET index = index - 1 WHERE index = 4;
        UPDATE entries SET index = index - 1 WHERE index = 5; UPDATE entries SET index = index - 1 WHERE index = 6;
        UPDATE draws SET cohort = 6;
        """,
        "the_register_is_the_rooms",
    ),
    "places swapped": (
        """
        UPDATE entries SET index = 100 WHERE index = 1; UPDATE entries SET index = 1 WHERE index = 5;
        UPDATE entries SET index = 5 WHERE index = 100;
        """,
        "the_register_is_the_rooms",
    ),
    "the drop's zone changed": ("UPDATE drops SET zone = 'America/New_York'", "the_drop_is_the_promised_one"),
    "the cohort changed": ("UPDATE draws SET cohort = 5", "the_register_is_the_rooms"),
    "an entry added": (
        "INSERT INTO entries SELECT drop_slug, gen_random_uuid(), 7, joined_at, admitted_at FROM entries LIMIT 1",
        "the_register_is_the_rooms",
    ),
    "the drop's hours changed": (
        "UPDATE drops SET closes_at = closes_at + interval '1 h'",
        "the_drop_is_the_promised_one",
    ),
    "the drop's name changed": ("UPDATE drops SET name_en = 'Dusk Serum'", "the_drop_is_the_promised_one"),
    "the drop's ceilings changed": ("UPDATE drops SET rates = '{\"inside\": 9}'", "the_drop_is_the_promised_one"),
    "a longer hold": ("UPDATE drops SET hold_seconds = 3600", "the_drop_is_the_promised_one"),
    "more units than were lent": ("UPDATE stock SET total = 2000", "stock_is_sold_and_left"),
    "a quantity of two for the money of one": (
        f"""
        UPDATE reservations SET quantity = 2, unit_price_minor = unit_price_minor / 2 WHERE id = {RESERVATION};
        UPDATE order_lines SET quantity = 2, unit_price_minor = unit_price_minor / 2 WHERE order_id = {ORDER};
        UPDATE stock SET sold = sold + 1; UPDATE allowances SET taken = 2 WHERE person_id = {PERSON};
        """,
        "lines_are_the_items",
    ),
    "a payment that ends after our calendar": (
        "UPDATE payments SET updated_at = '290000-01-01'",
        "moments_follow_each_other",
    ),
    "a payment that ended before it began": (
        f"UPDATE payments SET updated_at = created_at - interval '1 h' WHERE order_id = {ORDER}",
        "moments_follow_each_other",
    ),
    "a declined payment of more money": (
        UNKNOWN_PAYMENT.format(amount=4_000_000_000_000_000_000, currency="currency"),
        "payments_are_the_orders_own",
    ),
    "a declined payment in another currency": (
        UNKNOWN_PAYMENT.format(amount="amount_minor", currency="'ZZZ'"),
        "payments_are_the_orders_own",
    ),
    "an order by another id": (
        f"""
        ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey;
        ALTER TABLE order_lines DROP CONSTRAINT order_lines_order_id_fkey;
        UPDATE payments SET order_id = 'aaaaaaaa-0000-7000-8000-000000000001' WHERE order_id = {ORDER};
        UPDATE order_lines SET order_id = 'aaaaaaaa-0000-7000-8000-000000000001' WHERE order_id = {ORDER};
        UPDATE orders SET id = 'aaaaaaaa-0000-7000-8000-000000000001' WHERE id = {ORDER};
        """,
        "payments_are_the_orders_own",
    ),
}
