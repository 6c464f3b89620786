-- The message transaction: bump a conversation, insert its message, insert its event. On the product's own
-- tables, with their indexes and foreign keys. The conversations are those that benchmarks/inbound.py numbered.
\set n random(1, :conversations)
BEGIN;
UPDATE channels_app_conversation
   SET last_seq = last_seq + 1, change_seq = change_seq + 1,
       last_time = greatest(now(), last_time + interval '1 millisecond'), last_inbound_at = now()
 WHERE id = (SELECT id FROM benchmark_conversation WHERE n = :n)
RETURNING id, last_seq, change_seq \gset
INSERT INTO channels_app_message (id, conversation_id, seq, changed_seq, direction, audience, kind, text, content,
        author_kind, metadata, created_at)
VALUES (uuidv7(), :id, :last_seq, :change_seq, 'inbound', 'public', 'text',
        'Hello, my parcel hasn''t come yet. Could you please have a look where it is?', '[]', 'customer', '{}', now());
INSERT INTO reporting_eventrecord (id, name, occurred_at, conversation_id, data)
VALUES (uuidv7(), 'message.added', now(), :id,
        '{"message_id": "0199c1f0-0000-7000-8000-000000000000", "seq": 1, "change_seq": 1, "direction": "inbound", "audience": "public", "kind": "text", "author_kind": "customer", "channel_id": "0199c1f0-0000-7000-8000-000000000000"}');
COMMIT;
