-- How a reservation becomes an order. The gateway is asked between these functions, never inside one.

CREATE INDEX payments_reservation_idx ON payments (reservation_id, id);

-- Begin to pay. Outcomes: started; replayed (its key's payment, as it stands); conflict (the key stands for another
-- payment); unknown_reservation (also another person's); already_paid; payment_in_progress; reservation_expired.
CREATE FUNCTION begin_payment(new_id uuid, asked uuid, person uuid, key text, body_fingerprint bytea)
RETURNS TABLE (outcome text, payment_id uuid)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wanted reservations;
    known  payments;
BEGIN
    SELECT * INTO wanted FROM reservations WHERE id = asked AND person_id = person FOR UPDATE;
    SELECT * INTO known FROM payments WHERE person_id = person AND idempotency_key = key;
    IF known.id IS NOT NULL THEN
        RETURN QUERY SELECT CASE WHEN known.fingerprint = body_fingerprint THEN 'replayed' ELSE 'conflict' END, known.id;
    ELSIF wanted.id IS NULL THEN
        RETURN QUERY SELECT 'unknown_reservation', NULL::uuid;
    ELSIF wanted.state = 'confirmed' THEN
        RETURN QUERY SELECT 'already_paid', NULL::uuid;
    ELSIF EXISTS (SELECT FROM payments WHERE reservation_id = asked
                  AND state IN ('authorising', 'unknown', 'authorised', 'captured', 'voiding')) THEN
        RETURN QUERY SELECT 'payment_in_progress', NULL::uuid;
    ELSIF wanted.state <> 'held' OR wanted.reserved_until <= clock_timestamp() THEN
        RETURN QUERY SELECT 'reservation_expired', NULL::uuid;
    ELSE
        INSERT INTO payments (id, drop_slug, reservation_id, person_id, state, amount_minor, currency,
                              idempotency_key, fingerprint)
        VALUES (new_id, wanted.drop_slug, asked, person, 'authorising', wanted.unit_price_minor * wanted.quantity,
                wanted.currency, key, body_fingerprint)
        ON CONFLICT ON CONSTRAINT one_payment_a_key DO NOTHING;
        -- The same key was taken for another reservation in this very moment.
        RETURN QUERY SELECT CASE WHEN FOUND THEN 'started' ELSE 'conflict' END, new_id;
    END IF;
END $$;

-- Make the order of an authorised payment, if its reservation is still held. Outcomes: confirmed (also when it was
-- already); lost (the reservation is gone: the payment is marked to be voided); refused (the payment was declined,
-- voided, or is being voided).
CREATE FUNCTION confirm_reservation(paid uuid, new_order uuid) RETURNS text
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    payment payments;
    wanted  reservations;
BEGIN
    SELECT reservations.* INTO wanted FROM reservations JOIN payments ON payments.reservation_id = reservations.id
    WHERE payments.id = paid;
    PERFORM lock_stock(ARRAY[wanted.drop_slug], ARRAY[wanted.sku]);
    SELECT * INTO wanted FROM reservations WHERE id = wanted.id FOR UPDATE;
    SELECT * INTO payment FROM payments WHERE id = paid FOR UPDATE;
    IF payment.order_id IS NOT NULL THEN
        RETURN 'confirmed';
    ELSIF payment.id IS NULL OR payment.state NOT IN ('authorising', 'unknown') THEN
        RETURN 'refused';
    ELSIF wanted.state <> 'held' THEN
        UPDATE payments SET state = 'voiding', reason = 'reservation-expired', updated_at = clock_timestamp()
        WHERE id = paid;
        RETURN 'lost';
    END IF;
    UPDATE reservations SET state = 'confirmed', settled_at = clock_timestamp() WHERE id = wanted.id;
    UPDATE stock SET reserved = reserved - wanted.quantity, sold = sold + wanted.quantity
    WHERE drop_slug = wanted.drop_slug AND sku = wanted.sku;
    INSERT INTO orders (id, drop_slug, person_id, reservation_id, state, currency, total_minor)
    VALUES (new_order, wanted.drop_slug, wanted.person_id, wanted.id, 'paid', wanted.currency,
            wanted.unit_price_minor * wanted.quantity);
    INSERT INTO order_lines (order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor)
    SELECT new_order, 1, wanted.sku, items.title_ko, items.title_en, wanted.quantity, wanted.unit_price_minor
    FROM items WHERE items.drop_slug = wanted.drop_slug AND items.sku = wanted.sku;
    UPDATE payments SET state = 'authorised', order_id = new_order, updated_at = clock_timestamp() WHERE id = paid;
    INSERT INTO outbox (drop_slug, kind, person_id, body)
    VALUES (wanted.drop_slug, 'order.confirmed', wanted.person_id,
            jsonb_build_object('order', new_order, 'reservation', wanted.id, 'sku', wanted.sku,
                               'quantity', wanted.quantity, 'total_minor', wanted.unit_price_minor * wanted.quantity));
    RETURN 'confirmed';
END $$;
