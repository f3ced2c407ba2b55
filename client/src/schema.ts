// Written by `npm run generate` from public/openapi.json.

export interface paths {
    "/in/{tenant}/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers a product that first asks whether the address is right
         * @description Echoes what the product wants echoed, where its sender knows of such a greeting (docs/senders); 405 for all others.
         */
        get: operations["greet"];
        put?: never;
        /**
         * Takes a delivery
         * @description Signed as the source's sender signs; no API key. A sender of our own contract posts one envelope of `/v1/contracts` or an array of them. 202 means that nothing of it can be lost any more. Every failure of authentication looks the same. Products that expect another answer than this one get theirs: docs/senders.
         */
        post: operations["ingest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/in/{tenant}/{source}/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a delivery whose proof stands in the address
         * @description For products that can send a secret nowhere else. Otherwise as without the token.
         */
        post: operations["ingestByToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether this Worker runs
         * @description Whether this Worker runs.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tenant
         * @description Permission `tenant:read`: auditor, admin.
         */
        get: operations["getTenant"];
        /**
         * Creates or changes a tenant (201 where it is new)
         * @description Currency and jurisdiction are chosen once. The mode cannot change while lines of the gateway are pending or held, or a run is on its way: 409. `quotas` are changed by ADMIN_TOKEN alone: from the tenant's own credentials those that are stored stay where they are left out, and others than those are 403.
         *
         *     Permission `tenant:write`: admin.
         */
        put: operations["putTenant"];
        post?: never;
        /**
         * Closes a tenant, to be exported and then purged
         * @description From now on it takes nothing and shows nothing: 404. Cron exports all that is its own; once somebody confirms the export, everything is purged, and a proof stays. Asked again, it is the same deletion; asked for with another option than it has: 409. No answer is kept under an Idempotency-Key: it always says how things stand.
         *
         *     Permission `tenant:delete`: admin.
         */
        delete: operations["deleteTenant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sources, by name
         * @description Permission `source:read`: operator, auditor, admin.
         */
        get: operations["listSources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sources/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A source
         * @description Permission `source:read`: operator, auditor, admin.
         */
        get: operations["getSource"];
        /**
         * Creates or changes a source (201 where it is new)
         * @description Permission `source:write`: operator, admin.
         */
        put: operations["putSource"];
        post?: never;
        /**
         * Removes a source
         * @description Permission `source:write`: operator, admin.
         */
        delete: operations["deleteSource"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sources/{source}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adds a secret and keeps so many of the older ones
         * @description A secret that is gone can still be believed for 60 s.
         *
         *     Permission `source:write`: operator, admin.
         */
        post: operations["rotateSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sources/{source}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Holds what arrives, answering 202
         * @description Permission `source:write`: operator, admin.
         */
        post: operations["pauseSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sources/{source}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Goes on, and lets in what was held
         * @description Permission `source:write`: operator, admin.
         */
        post: operations["resumeSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sources/{source}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Judges a captured request, step by step; nothing is enqueued
         * @description Permission `source:read`: operator, auditor, admin.
         */
        post: operations["explainDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Live API keys, by id
         * @description Permission `key:read`: auditor, admin.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Makes an API key, shown this once, or names a client certificate
         * @description Scopes narrow a key to some of its role's permissions. Whoever makes a key must have what it can do: otherwise 403.
         *
         *     Permission `key:write`: admin.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revokes an API key
         * @description It can still be believed for 60 s.
         *
         *     Permission `key:write`: admin.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who did what, newest first
         * @description Permission `audit:read`: auditor, admin.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Destinations, by name
         * @description Permission `destination:read`: operator, auditor, admin.
         */
        get: operations["listDestinations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/destinations/{destination}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A destination
         * @description Permission `destination:read`: operator, auditor, admin.
         */
        get: operations["getDestination"];
        /**
         * Creates or changes a destination (201 where it is new)
         * @description Without `auth` the secrets that there are stay; a new destination is given one, which this answer alone shows, as `secret`. A pause stays. A tenant has at most 50.
         *
         *     Permission `destination:write`: operator, admin.
         */
        put: operations["putDestination"];
        post?: never;
        /**
         * Removes a destination and its subscriptions
         * @description What is still to be delivered to it is cancelled, within a minute.
         *
         *     Permission `destination:write`: operator, admin.
         */
        delete: operations["deleteDestination"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/destinations/{destination}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adds a secret and keeps so many of the older ones
         * @description Each of them signs every attempt. Without `secret` one is made, which this answer alone shows.
         *
         *     Permission `destination:write`: operator, admin.
         */
        post: operations["rotateDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/destinations/{destination}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends nothing until it is resumed
         * @description What is told meanwhile waits; after 7 days it is `dead`.
         *
         *     Permission `destination:write`: operator, admin.
         */
        post: operations["pauseDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/destinations/{destination}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Goes on, and sends what has waited
         * @description Also of a destination that has answered 410.
         *
         *     Permission `destination:write`: operator, admin.
         */
        post: operations["resumeDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Subscriptions, by name
         * @description Permission `destination:read`: operator, auditor, admin.
         */
        get: operations["listSubscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/subscriptions/{subscription}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A subscription
         * @description Permission `destination:read`: operator, auditor, admin.
         */
        get: operations["getSubscription"];
        /**
         * Creates or changes a subscription (201 where it is new)
         * @description Holds for what is applied from then on, everywhere within 10 s. `sources` and `except_sources` exclude each other. A tenant has at most 200.
         *
         *     Permission `destination:write`: operator, admin.
         */
        put: operations["putSubscription"];
        post?: never;
        /**
         * Removes a subscription
         * @description Everywhere within 10 s. What it has had told before is still delivered.
         *
         *     Permission `destination:write`: operator, admin.
         */
        delete: operations["deleteSubscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is sent to destinations, newest first
         * @description A search looks at 5000 deliveries at most, then answers with what it found and where to go on; of those that are `dead` alone, where `state` asks for them.
         *
         *     Permission `delivery:read`: operator, auditor, admin.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deliveries/{delivery}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One delivery with its attempts and what is sent
         * @description Permission `delivery:read`: operator, auditor, admin.
         */
        get: operations["getDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deliveries/{delivery}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has a delivery tried again
         * @description One that is dead, cancelled or delivered begins its schedule anew, under the same id; one that is pending goes on with it at once. A destination that is paused, or left alone for a while after many failures, is sent nothing all the same. 409 where its destination is gone, also if another one has its name by now.
         *
         *     Permission `delivery:write`: operator, admin.
         */
        post: operations["retryDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deletion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far a deletion is, and at its end the proof
         * @description Permission `tenant:delete`: admin.
         */
        get: operations["getDeletion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deletion/manifest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The manifest of the export
         * @description Permission `tenant:delete`: admin.
         */
        get: operations["getDeletionManifest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deletion/parts/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A part of the export, a JSON value a line
         * @description Permission `tenant:delete`: admin.
         */
        get: operations["getDeletionPart"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deletion/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says that the export has arrived: the purge begins, and nothing comes back
         * @description Permission `tenant:delete`: admin.
         */
        post: operations["confirmDeletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/deletion/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Brings the tenant back, as long as nothing is purged
         * @description Permission `tenant:delete`: admin.
         */
        post: operations["cancelDeletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Live status of a distributor
         * @description From the mirror, within seconds of the last event. `consistency=strong` asks the distributor's own object; so does a read that the mirror does not answer within 2 s. Balances are what the distributor is owed, above zero; `available` below zero means the distributor owes.
         *
         *     Permission `status:read`: distributor, support, finance, operator, auditor, admin.
         */
        get: operations["getDistributor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Transfers of a distributor, newest first
         * @description Permission `ledger:read`: distributor, finance, auditor, admin.
         */
        get: operations["listTransfers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Commission lines of a distributor
         * @description Permission `line:read`: distributor, finance, auditor, admin.
         */
        get: operations["listLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Commission lines of an order
         * @description Permission `line:read`: distributor, finance, auditor, admin.
         */
        get: operations["listOrderLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/ledger/balances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Balances of the tenant's accounts
         * @description Current balances of the accounts that begin with `prefix`: debit above zero, zero balances left out. `as_of` looks at what had happened by then, `known_at` at what was recorded by then: instants, or dates, which mean the end of that day in UTC. Ends of days read few rows; an instant amid a day reads all transfers of the tenant, or of the distributors that a `dist:` prefix names. Exact, also beyond 2^63 minor units, as long as what one account moves in one day stays below that.
         *
         *     Permission `ledger:read`: distributor, finance, auditor, admin.
         */
        get: operations["getBalances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events, newest first
         * @description Newest first. `source` and `id` together list all that came under the sender's own id: the event that took effect first, then those that repeat or contradict it in the order of arrival. A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.
         *
         *     Permission `event:read`: operator, auditor, admin.
         */
        get: operations["searchEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/events/{event}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One event with its archive copy and effects
         * @description Permission `event:read`: operator, auditor, admin.
         */
        get: operations["getEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a distributor's status
         * @description With `Upgrade: websocket` a WebSocket (101), with `Accept: text/event-stream` Server-Sent Events; the messages are the same. A browser, which cannot set `Authorization` on a WebSocket, offers the subprotocols `upline.live.v1` and `bearer.{token}`: the first is selected.
         *
         *     First comes `{"type":"status","id","position","status"}`, the status as `consistency=strong` reads it. Then, for whatever the distributor's log has more, `{"type":"change","id","after","position","as_of","set","stale","lines","transfers"}`: `set` are members of the status as they are now, `stale` those to be read again; `lines` and `transfers` come with the permissions `line:read` and `ledger:read`. Each change goes on where the one before ended (`after` is its `position`).
         *
         *     Whoever comes back names the last `id` (header `Last-Event-ID`, or `last_event_id`) and gets what it lacks, once; where that is too much, or the id is of no place in this log, a `status` with `reset: true`.
         *
         *     A WebSocket client sends `ping` every half minute and after every 256 KiB it has read, and hears `pong`; nothing else is taken (1008). One that shows no sign of reading is let go at 1 MiB (4008); every connection ends with its credential, and after 15 minutes at most (4000): connect again with the last id.
         *
         *     Permission `status:read`: distributor, support, finance, operator, auditor, admin.
         */
        get: operations["followDistributor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events that wait for something or somebody, oldest first
         * @description Permission `held:read`: operator, auditor, admin.
         */
        get: operations["listHeld"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/held/{event}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has a held event decided anew
         * @description For quarantined and dead events; `parked`, `buffered` and `conflict` answer 409. The outcome shows in the event itself, soon after.
         *
         *     Permission `held:write`: operator, admin.
         */
        post: operations["retryHeld"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/held/{event}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets go of a held event
         * @description A `buffered` event answers 409: others wait for it, and only the core's copy or an audited skip closes the gap.
         *
         *     Permission `held:write`: operator, admin.
         */
        post: operations["discardHeld"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/pipeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is under way
         * @description Permission `pipeline:read`: operator, auditor, admin.
         */
        get: operations["getPipeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contracts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Types and versions of events
         * @description Types and versions of events.
         */
        get: operations["listContracts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contracts/{type}/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The contract of an event: JSON Schema 2020-12 of the whole envelope
         * @description The contract of an event: JSON Schema 2020-12 of the whole envelope.
         */
        get: operations["getContract"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What somebody has to look at now
         * @description Made of what is kept anyway: an alert is there as long as its cause, under the same `alert_id`, and nobody has to close it. By kind, in the order of the kinds, and within a kind by what they are about. A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.
         *
         *     What each kind says and how urgent it is: docs/operations.md. `href` is where to look; some callers may see the alert and not that.
         *
         *     Permission `alert:read`: finance, operator, auditor, admin.
         */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Figures for a monitoring system: OpenMetrics 1.0, or Prometheus' text format
         * @description For ADMIN_TOKEN of all tenants, by name, and of all shards; for a tenant's API key of that tenant alone, without parameters. No JWT is taken, as the path names no tenant. What there is and how to scrape it: docs/operations.md.
         *
         *     `Accept` chooses the format, as Prometheus sends it; without it OpenMetrics. ADMIN_TOKEN's answer has a bookmark of the control tables alone.
         *
         *     Permission `metrics:read`: operator, auditor, admin.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sla": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How fast commission lines become visible, and how fast the budget of late ones burns
         * @description The share of commission lines that the mirror had within 5 s, and within 30 s, of the receipt of what made or changed them. Objectives and burn rates are of exact counts, quantiles of buckets that are 5 % off at most.
         *
         *     A line counts in the minute in which it became visible. `from` and `to` are taken to full hours; what is older than 31 days is not kept, and a range of the future is empty. Burn rates are always those of now. What counts and what does not: docs/operations.md.
         *
         *     Permission `pipeline:read`: operator, auditor, admin.
         */
        get: operations["getSla"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reconciliations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs of reconciliation, newest first
         * @description A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.
         *
         *     Permission `run:read`: finance, operator, auditor, admin.
         */
        get: operations["listReconciliations"];
        put?: never;
        /**
         * Have the mirror compared with the core now
         * @description Only in `mirror`, and only with a `core.url`; cron does the same regularly. `balances` are compared as they are now, and take no range. A tenant has one run at a time: 409 while another one is on its way. With `accept_epoch` the core is believed in that epoch, whatever it told before. The run begins within a minute; read it to see how it gets on.
         *
         *     Permission `run:write`: finance, admin.
         */
        post: operations["startReconciliation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reconciliations/{reconciliation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One run of reconciliation and its report
         * @description As `text/html` by `Accept` a page to read and to print.
         *
         *     Permission `run:read`: finance, operator, auditor, admin.
         */
        get: operations["getReconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/breaks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Differences that were found
         * @description By their ids. A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.
         *
         *     Permission `break:read`: finance, auditor, admin.
         */
        get: operations["listBreaks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/breaks/{break}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One difference
         * @description Permission `break:read`: finance, auditor, admin.
         */
        get: operations["getBreak"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/breaks/{break}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resolve, accept or reopen a difference
         * @description Takes a reason, and is audited. 409 where the break's state does not allow it: a closed one cannot be resolved or accepted, an open one not reopened. What a run closed cannot be reopened: where the difference is there again, the next run opens another break.
         *
         *     `decision` is for an `EXTRA_LOCAL` whose line was put aside (`action` is `suspend`) and required there: `keep` pays it again and accepts the difference, `reverse` takes it back for good. It is posted to the ledger behind the answer, within seconds.
         *
         *     A `CHAIN` whose object is frozen is resolved by the role `admin` alone: the object computes its log again and takes events from then on where that holds, and is what was mirrored of it; where not it stays frozen (409, with the place in `detail`).
         *
         *     Permission `break:write`: finance, admin.
         */
        post: operations["resolveBreak"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/rebuilds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Rebuilds of the mirror, newest first
         * @description Permission `run:read`: finance, operator, auditor, admin.
         */
        get: operations["listRebuilds"];
        put?: never;
        /**
         * Have the mirror rebuilt from the objects
         * @description Every row that the mirror has of each object is held against its log, what differs or is missing is written anew, and what no log tells is taken away; deliveries keep coming in meanwhile. A tenant has one rebuild at a time: 409 while another one is on its way. It begins within a minute. What it writes and what it never touches: docs/rebuild.md.
         *
         *     Permission `tenant:write`: admin.
         */
        post: operations["startRebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/rebuilds/{rebuild}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One rebuild of the mirror, and how far it is
         * @description Permission `run:read`: finance, operator, auditor, admin.
         */
        get: operations["getRebuild"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Replays, newest first
         * @description Permission `replay:read`: operator, auditor, admin.
         */
        get: operations["listReplays"];
        put?: never;
        /**
         * Have archived deliveries played again
         * @description Events of a span of reception go the same way once more, by a queue that no sender waits behind: what was applied is found to be known and changes nothing, what was quarantined or had died is decided anew, what the index lost is found in the archive. With `dry_run` nothing is sent, and the report tells what would be. A tenant has one replay at a time: 409 while another one is on its way. It begins within a minute. What is played and what is not: docs/replays.md.
         *
         *     Permission `replay:write`: operator, admin.
         */
        post: operations["startReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/replays/{replay}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One replay, how far it is, and what came of it
         * @description Permission `replay:read`: operator, auditor, admin.
         */
        get: operations["getReplay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/sources/{source}/polls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a source's product is polled
         * @description Permission `source:read`: operator, auditor, admin.
         */
        get: operations["getPolls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the tenant uses, and what its quotas let it
         * @description Events are counted every minute, two minutes after they arrive. What reaches us later than that is not in the count.
         *
         *     Permission `tenant:read`: auditor, admin.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The newest version of each plan, by name
         * @description Permission `plan:read`: finance, operator, auditor, admin.
         */
        get: operations["listPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/plans/{plan}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A plan, in its newest or the version asked for
         * @description The newest is the one saved last. Which one pays a sale follows from when the sale occurred: the latest `effective_from` up to then, among equal ones the highest version.
         *
         *     Permission `plan:read`: finance, operator, auditor, admin.
         */
        get: operations["getPlan"];
        /**
         * Saves the next version of a plan (201 where the plan is new)
         * @description A body that says what is stored already makes no version. Versions are kept and never changed; a back-dated one pays what occurs, or becomes known, from now on. Every broken rule is named with its path. 409 where `version` is not the next, or a component's code is another plan's at the same time.
         *
         *     Permission `plan:write`: operator, admin.
         */
        put: operations["putPlan"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/plans/{plan}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions of a plan, newest first
         * @description Permission `plan:read`: finance, operator, auditor, admin.
         */
        get: operations["listPlanVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/plans/{plan}/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The lines that a sale would bring; nothing is written
         * @description Up the real trees from `source_node`, everybody as they stood at `occurred_at`, or along an `upline` that is told. With `plan` a draft is tried instead of the stored one. Binary and stair-step components pay at period close and bring no lines here; caps apply there too.
         *
         *     Permission `plan:read`: finance, operator, auditor, admin.
         */
        post: operations["simulatePlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/upline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is above a distributor, nearest first
         * @description Edges and standings as of `as_of`, or now; a cursor keeps the instant. A distributor without a placement hangs under the sponsor, in both trees. Somebody named as a parent who is not enrolled comes last. A distributor sees it where its tenant says so (`access.distributors.upline`), else 403.
         *
         *     Permission `tree:read`: distributor, support, finance, operator, auditor, admin.
         */
        get: operations["listUpline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/downline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is below a distributor, level by level
         * @description Distributors who had joined by `as_of`, or by now; a cursor keeps the instant. Within a depth, the children of one parent stand together. A part may hold few items, or none, and a `next_cursor`: it goes on from there. A distributor sees as many levels and fields as its tenant says (`access.distributors`): deeper is 400, none at all 403.
         *
         *     Permission `tree:read`: distributor, support, finance, operator, auditor, admin.
         */
        get: operations["listDownline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes a link to a distributor's own page that soon ends
         * @description Good for this distributor's own reads alone, and for no more than the role that makes it may see: names stay masked in what `support` makes. It is stored nowhere and cannot be taken back; it ends by itself, after an hour at most.
         *
         *     Permission `link:write`: support, operator, admin.
         */
        post: operations["createLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/inventory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stock by article and place
         * @description `below` keeps those with fewer pieces on hand; `location=-` those whose sender names no place. A filtered search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.
         *
         *     Permission `record:read`: support, finance, operator, auditor, admin.
         */
        get: operations["listInventory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tickets of the helpdesks, with their first response
         * @description `open=true` leaves out those whose status ends a ticket (closed, solved, resolved, done, …). A filtered search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.
         *
         *     Permission `record:read`: support, finance, operator, auditor, admin.
         */
        get: operations["listTickets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/autoships": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Recurring orders
         * @description Permission `record:read`: support, finance, operator, auditor, admin.
         */
        get: operations["listAutoships"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/periods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Periods that the core has closed
         * @description Permission `record:read`: support, finance, operator, auditor, admin.
         */
        get: operations["listPeriods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/periods/{period}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One closed period
         * @description Permission `record:read`: support, finance, operator, auditor, admin.
         */
        get: operations["getPeriod"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/earnings/{month}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A distributor's monthly statement
         * @description Opening, parts and closing add up and equal the ledger, to the unit, in each currency. A month is one of UTC days, by when things took effect, `as_of` ends it earlier; `known_at` shows what was known of it by then. JSON, `text/csv` (a row for each figure) or `text/html` (a page to print) by `Accept`, 406 for anything else.
         *
         *     Permission `report:read`: distributor, finance, auditor, admin.
         */
        get: operations["getEarnings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is missing to the next rank
         * @description An estimate. A pay rank that the core told or a run set for the period counts, else the one in force, else the estimate; volumes are the core's where it told them, otherwise those counted here. `period` names one of the plan's periods, the present one where absent. Ranks in legs are those told for the period, and estimated from the deepest up where none was told, for downlines of up to 10,000 people.
         *
         *     Permission `report:read`: distributor, finance, auditor, admin.
         */
        get: operations["getProgress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reports/sales": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Paid orders by day, month, kind, source or currency
         * @description Orders paid in [`from`, `to`), at most 400 days; a date means its midnight UTC, so July is `from=2026-07-01&to=2026-08-01`. As the orders stand now; with `as_of` or `known_at` as their transfers had it then, where commissions stay out, and so does an order that cost nothing.
         *
         *     Permission `report:read`: distributor, finance, auditor, admin.
         */
        get: operations["listSales"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What people are to be told, once for each key
         * @description One of each confirmed payment, and one of each revision of a rank that was applied, whether the core told it or a run of ours set it.
         *
         *     Permission `message:read`: finance, operator, auditor, admin.
         */
        get: operations["listMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/write-offs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write off what somebody owes
         * @description For distributors who left with a debt. `receivable` moves it out of the payable balance, for collection; `bad_debt` makes a loss of what cannot be collected. Never more than is owed is moved, and the same `id` again changes nothing. 409 where the distributor is not terminated, where there is nothing to write off, or where the `id` named another write-off before; the detail says which.
         *
         *     Permission `writeoff:write`: finance, admin.
         */
        post: operations["writeOff"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/distributors/{distributor}/write-offs/{writeoff}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of a write-off
         * @description 404 until it has been decided, which takes seconds.
         *
         *     Permission `ledger:read`: distributor, finance, auditor, admin.
         */
        get: operations["getWriteOff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs, by their ids
         * @description Permission `run:read`: finance, operator, auditor, admin.
         */
        get: operations["listRuns"];
        put?: never;
        /**
         * Do a period's ranks, close or payout proposals, or do them again
         * @description Only in `gateway_final`, and only for a period that is over; cron does the same shortly after its end. There is one run of each kind for a plan's period: done again it is the same run with a higher attempt, and ends in the same lines. One that is on its way goes on. A period that is closed stays as it is.
         *
         *     Permission `run:write`: finance, admin.
         */
        post: operations["startRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One run and how it gets on
         * @description Permission `run:read`: finance, operator, auditor, admin.
         */
        get: operations["getRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{run}/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Payouts that a run proposes, for a person to approve
         * @description The gateway moves no money. As `text/csv` by `Accept` all of them in one file, once the run is done; 409 before.
         *
         *     Permission `payout:read`: finance, auditor, admin.
         */
        get: operations["listPayoutProposals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/chains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every object's log, as far as it is mirrored
         * @description Permission `audit:read`: auditor, admin.
         */
        get: operations["listChains"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/chains/{subject}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An object's log, from the object itself
         * @description Each hash covers the one before it and the entry's text; the first one covers the entry alone. Ids and digests only: nobody's personal data. Goes on with `after`.
         *
         *     Permission `audit:read`: auditor, admin.
         */
        get: operations["getLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/chains/{subject}/transfers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An object's transfers as the mirror has them, oldest first
         * @description Permission `audit:read`: auditor, admin.
         */
        get: operations["listLoggedTransfers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/volumes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Volumes as they were counted, by distributor and period
         * @description Permission `audit:read`: auditor, admin.
         */
        get: operations["listVolumes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/anchors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Heads of logs as they were found, once a day for each that had moved
         * @description A search of one day may answer with few items, or none, and a `next_cursor`: it goes on from there.
         *
         *     Permission `audit:read`: auditor, admin.
         */
        get: operations["listAnchors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Accepted: {
            /** @description What was taken in: nothing of it can be lost any more */
            accepted: {
                /** @description The sender's */
                id: string;
                /** @description Our id of the event: sorts by arrival */
                event_id: string;
            }[];
            /** @description What broke its contract: kept for a person to look at */
            quarantined: {
                /** @description Names it among its kind */
                id: string;
                /** @description Stable and machine-readable: which case it is */
                code: string;
                /** @description Each broken rule */
                errors: {
                    /** @description Where: a member's path, or a parameter's name */
                    path: string;
                    /** @description Stable and machine-readable: which rule it breaks */
                    rule: string;
                    /** @description A sentence for a person */
                    message: string;
                }[];
            }[];
        };
        Amount: {
            /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
            amount_minor: number | string;
            /** @description ISO 4217 */
            currency: string;
            /** @description The same amount in major units, as text */
            amount: string;
        };
        Anchor: {
            /** @description The distributor a key speaks for; or what it is about, `dist:1001` */
            subject: string;
            /** @description The UTC day on which the head was found, yyyy-mm-dd */
            day: string;
            /** @description Its place in the log of its subject */
            position: number;
            /** @description SHA-256, hexadecimal */
            head: string;
        };
        Chain: {
            /** @description What the object is about: `dist:1001` */
            subject: string;
            /** @description How many entries of its log are mirrored */
            position: number;
            /** @description SHA-256, hexadecimal */
            head: string;
            /** @description Since when log and mirror disagree: a person decides */
            frozen_at: string | null;
        };
        CountedVolume: {
            /** @description The core's id of the distributor */
            distributor_id: string;
            /** @description The plan's or the core's id of the period, `2026-07` */
            period_id: string;
            /** @description Hundredths of a point */
            pv_x100: number | string;
            /** @description Hundredths of a point */
            cv_x100: number | string;
            /** @description Own and downline; hundredths of a point */
            gv_x100: number | string;
        };
        LoggedTransfer: {
            /** @description Its place in the log of its subject */
            position: number;
            /** @description Its place among the transfers of its entry, from 0 */
            n: number;
            /** @description The posting rule, `P3` */
            rule: string;
            /** @description The account that is debited */
            debit: string;
            /** @description The account that is credited */
            credit: string;
            /** @description How much */
            amount: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description The line, payout or event it is about */
            reference: string;
            /** @description Our id of the event: sorts by arrival */
            event_id: string;
            /** @description RFC 3339, UTC, milliseconds */
            effective_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
        };
        LogPage: {
            /** @description How far the mirror had the log just before */
            mirrored: {
                /** @description What the object is about: `dist:1001` */
                subject: string;
                /** @description How many entries of its log are mirrored */
                position: number;
                /** @description SHA-256, hexadecimal */
                head: string;
                /** @description Since when log and mirror disagree: a person decides */
                frozen_at: string | null;
            };
            /** @description An order as the mirror had it then; null of all other objects */
            order: {
                /**
                 * @description How it stands
                 * @enum {string}
                 */
                state: "placed" | "cancelled" | "paid" | "refunded" | "disputed";
                /** @description The processor's id of the payment */
                payment_id: string | null;
                /** @description Who bought, or whose customer did */
                source_node: string | null;
                /** @description How the order came about */
                order_kind: string | null;
                /** @description ISO 4217 */
                currency: string | null;
                /** @description Without tax and shipping, in minor units */
                net_minor: number;
                /** @description Sales tax, in minor units */
                tax_minor: number;
                /** @description What the buyer paid for shipping, in minor units */
                shipping_minor: number;
                /** @description The amount in minor units of its currency */
                amount_minor: number;
                /** @description The processor's fee, in minor units */
                fee_minor: number;
                /** @description Of the amount, paid back or taken back by now */
                returned_minor: number;
                /** @description Commissionable volume in points, times 100 */
                cv_x100: number;
                /** @description Own volume in points, times 100 */
                pv_x100: number;
                /** @description When it was paid, as its sender says */
                paid_at: string | null;
                /** @description In which its volume counts */
                period_id: string | null;
            } | null;
            /** @description An order's manifest as the mirror had it then; null of all other objects */
            manifest: {
                /** @description How many lines the order sent out */
                lines: number;
                /** @description What they come to: `[[currency, amount, reversed], …]` as JSON */
                sums: string;
            } | null;
            /** @description Entries, oldest first */
            items: {
                /** @description Its place in the log of its subject */
                position: number;
                /** @description SHA-256 of the hash before and this entry's text */
                hash: string;
                /** @description The entry as canonical JSON (RFC 8785): the text that was hashed */
                entry: string;
            }[];
            /** @description The `after` of the next page; null at the end */
            next_after: number | null;
        };
        Message: {
            /** @description One message a key, ever */
            key: string;
            /**
             * @description What people are told of
             * @enum {string}
             */
            kind: "payment_confirmed" | "rank_changed";
            /** @description The distributor a key speaks for; or what it is about, `dist:1001` */
            subject: string;
            /** @description Ids, codes and sums */
            about: {
                [key: string]: string | number | null;
            };
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
        };
        WriteOff: {
            /** @description Names it among its kind */
            id: string;
            /**
             * @description How it stands
             * @constant
             */
            state: "accepted";
            /** @description What there is to write off by this step, before it */
            owed: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
        } | {
            /** @description Names it among its kind */
            id: string;
            /**
             * @description How it stands
             * @enum {string}
             */
            state: "done" | "refused";
            /**
             * @description What is done
             * @enum {string}
             */
            step: "receivable" | "bad_debt";
            /** @description Never more than was asked for, and never more than there was */
            moved: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description Why nothing was moved: things had changed since it was asked for */
            reason: ("not_terminated" | "nothing_owed") | null;
        };
        WriteOffDone: {
            /** @description Names it among its kind */
            id: string;
            /**
             * @description How it stands
             * @enum {string}
             */
            state: "done" | "refused";
            /**
             * @description What is done
             * @enum {string}
             */
            step: "receivable" | "bad_debt";
            /** @description Never more than was asked for, and never more than there was */
            moved: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description Why nothing was moved: things had changed since it was asked for */
            reason: ("not_terminated" | "nothing_owed") | null;
        };
        Plan: {
            /** @description Names the plan */
            plan_id: string;
            /** @description Its version */
            version: number;
            /** @description RFC 3339 date-time, or a date, which means its midnight UTC */
            effective_from: string;
            /** @description ISO 4217; need not be the tenant's */
            currency: string;
            /**
             * @description How fractions of a minor unit are rounded
             * @enum {string}
             */
            rounding: "half_even" | "half_up" | "down";
            /** @description Days from the sale until a commission is payable */
            holdback_days: number;
            /** @description How long a period is, and where its days begin */
            period: {
                /**
                 * @description How long a period is
                 * @enum {string}
                 */
                unit: "week" | "semi_month" | "month";
                /** @description IANA name of the time zone in which days begin */
                tz: string;
            };
            /** @description What points are worth, and which orders bring them */
            volume: {
                /** @description What one point is worth: 1 000 000 is one major unit of currency */
                cv_to_money_ppm: number;
                /** @description Kinds of order that earn nothing */
                exclude_kinds?: ("store" | "autoship" | "enrollment_kit")[];
                /**
                 * @description By which plan a refund's volume is taken back
                 * @enum {string}
                 */
                refund_volume?: "current" | "original";
            };
            /** @description Who is paid at all */
            eligibility: {
                /** @description Who counts as active */
                statuses: ("active" | "grace" | "suspended" | "terminated")[];
                /** @description Own volume needed, in hundredths of a point */
                min_pv_x100: number;
            };
            /** @description From the lowest to the highest */
            ranks: {
                /** @description The rank */
                code: string;
                /** @description Own volume needed, in hundredths of a point */
                min_pv_x100?: number;
                /** @description Group volume needed, in hundredths of a point */
                min_gv_x100?: number;
                /** @description The most one leg counts for, as a share of min_gv_x100, in parts per million */
                max_leg_ppm?: number;
                /** @description How many legs must have somebody of a rank */
                legs_with_rank?: {
                    /** @description The code of a rank of the plan */
                    rank: string;
                    /** @description How many legs */
                    count: number;
                };
                /** @description Periods for which a rank is kept without its requirements */
                grace_periods?: number;
            }[];
            /** @description What is paid to whom; each has a code of its own */
            components: ({
                /**
                 * @description Of which kind it is
                 * @constant
                 */
                kind: "unilevel";
                /** @description Becomes a part of line ids: unique among a tenant's plans */
                code: string;
                /**
                 * @description Along which tree: who brought somebody in, or where somebody was placed
                 * @enum {string}
                 */
                tree: "sponsor" | "placement";
                /** @description How many levels are paid */
                max_level: number;
                /**
                 * @description Who is left out while levels are counted
                 * @enum {string}
                 */
                compression: "none" | "skip_inactive" | "skip_below_rank" | "pay_to_qualified";
                /** @description The rank that `skip_below_rank` asks for */
                compress_min_rank?: string;
                /** @description Share of the CV that is paid on, in parts per million */
                pool_ppm: number;
                /** @description Rank, then the rate at level 1, 2, …; what is missing or 0 is not paid */
                rates_ppm: {
                    [key: string]: number[];
                };
                /** @description The volume of somebody who is not eligible pays nobody */
                source_must_qualify?: boolean;
                /** @description The walk ends with the first person of at least this rank: breakaway */
                boundary_rank?: string;
            } | {
                /**
                 * @description Of which kind it is
                 * @constant
                 */
                kind: "matrix";
                /** @description How many stand directly below one person */
                width: number;
                /** @description Bounds the levels that are paid */
                height: number;
                /** @description Becomes a part of line ids: unique among a tenant's plans */
                code: string;
                /**
                 * @description Along which tree: who brought somebody in, or where somebody was placed
                 * @enum {string}
                 */
                tree: "sponsor" | "placement";
                /** @description How many levels are paid */
                max_level: number;
                /**
                 * @description Who is left out while levels are counted
                 * @enum {string}
                 */
                compression: "none" | "skip_inactive" | "skip_below_rank" | "pay_to_qualified";
                /** @description The rank that `skip_below_rank` asks for */
                compress_min_rank?: string;
                /** @description Share of the CV that is paid on, in parts per million */
                pool_ppm: number;
                /** @description Rank, then the rate at level 1, 2, …; what is missing or 0 is not paid */
                rates_ppm: {
                    [key: string]: number[];
                };
                /** @description The volume of somebody who is not eligible pays nobody */
                source_must_qualify?: boolean;
                /** @description The walk ends with the first person of at least this rank: breakaway */
                boundary_rank?: string;
            } | {
                /**
                 * @description Of which kind it is
                 * @constant
                 */
                kind: "binary";
                /** @description Becomes a part of line ids: unique among a tenant's plans */
                code: string;
                /** @description Share of the matched volume, in parts per million */
                pair_ppm: number;
                /**
                 * @description What becomes of volume that found no match
                 * @enum {string}
                 */
                after: "carry_forward" | "net_off" | "flush";
                /** @description Volume is matched in whole units of this, in hundredths of a point */
                unit_x100?: number;
                /** @description The most one person is paid a period, in minor units of the plan's currency */
                cap_minor?: number;
                /** @description The most a leg carries, in hundredths of a point */
                carry_cap_x100?: number;
            } | {
                /**
                 * @description Of which kind it is
                 * @constant
                 */
                kind: "stairstep";
                /** @description Becomes a part of line ids: unique among a tenant's plans */
                code: string;
                /** @description From which group volume on which share is paid */
                brackets: {
                    /** @description Group PV in whole points */
                    min_pv: number;
                    /** @description Share, in parts per million */
                    rate_ppm: number;
                }[];
            } | {
                /**
                 * @description Of which kind it is
                 * @constant
                 */
                kind: "generation";
                /** @description Becomes a part of line ids: unique among a tenant's plans */
                code: string;
                /**
                 * @description Along which tree: who brought somebody in, or where somebody was placed
                 * @enum {string}
                 */
                tree: "sponsor" | "placement";
                /** @description Share of the CV that is paid on, in parts per million */
                pool_ppm: number;
                /** @description From this rank on somebody leads a generation */
                boundary_rank: string;
                /** @description How many generations are paid */
                max_generation: number;
                /** @description Rank, then the rate at level 1, 2, …; what is missing or 0 is not paid */
                rates_ppm: {
                    [key: string]: number[];
                };
                /** @description Whether a generation is paid the difference to the one below */
                differential?: boolean;
            } | {
                /**
                 * @description Of which kind it is
                 * @constant
                 */
                kind: "flat";
                /** @description Becomes a part of line ids: unique among a tenant's plans */
                code: string;
                /**
                 * @description Along which tree: who brought somebody in, or where somebody was placed
                 * @enum {string}
                 */
                tree: "sponsor" | "placement";
                /** @description How many levels are paid */
                max_level: number;
                /**
                 * @description Who is left out while levels are counted
                 * @enum {string}
                 */
                compression: "none" | "skip_inactive" | "skip_below_rank" | "pay_to_qualified";
                /** @description The rank that `skip_below_rank` asks for */
                compress_min_rank?: string;
                /** @description Package or order kind, then the sum at level 1, 2, … */
                amounts_minor: {
                    [key: string]: number[];
                };
            })[];
            /** @description The most that is paid in a period */
            caps?: {
                /** @description The most one person is paid a period, in minor units of the plan's currency */
                per_distributor_minor?: number;
                /** @description Share of the CV's value, in parts per million */
                company_ppm_of_cv_value?: number;
                /**
                 * @description mirror: the core decides what is paid; gateway_final: the gateway does
                 * @enum {string}
                 */
                mode: "pro_rata" | "priority" | "hard_stop";
            };
            /** @description What happens where more is taken back than is payable */
            clawback?: {
                /** @description How far below zero before somebody is told, in minor units of the plan's currency */
                limit_minor: number;
            };
            /** @description When and how balances are paid out */
            payout?: {
                /** @description The least that is paid out, in minor units of the plan's currency */
                minimum_minor: number;
                /** @description What a payout costs, in minor units of the plan's currency */
                fee_minor?: number;
                /** @description Tax withheld, in parts per million */
                withholding_ppm?: number;
            };
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
        };
        PlanVersion: {
            /** @description Names the plan */
            plan_id: string;
            /** @description Its version */
            version: number;
            /** @description RFC 3339, UTC, milliseconds */
            effective_from: string;
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
        };
        Simulation: {
            /** @description Which plan it was computed by */
            plan: {
                /** @description Names the plan */
                plan_id: string;
                /** @description Of a draft: the one it would become */
                version: number;
                /** @description Whether it was told in the body, and is not stored */
                is_draft: boolean;
            };
            /** @description When it happened, as its sender says. RFC 3339, UTC, milliseconds */
            occurred_at: string;
            /** @description The plan's or the core's id of the period, `2026-07` */
            period_id: string;
            /** @description What would be paid, to whom */
            lines: {
                /** @description Only an order that happens gives its lines a name */
                line_id: null;
                /** @description The code of the plan's component */
                component: string;
                /** @description The level or generation that is paid, after compression */
                level: number;
                /** @description Steps up the tree */
                depth: number;
                /** @description The core's id of the distributor */
                distributor_id: string;
                /** @description At which the person is paid */
                rank: string | null;
                /** @description Null for a flat sum */
                rate_ppm: number | null;
                /** @description The amount in minor units of its currency */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description How much */
                amount: string;
            }[];
            /** @description Levels that nobody may take: the company keeps them */
            breakage: {
                /** @description The code of the plan's component */
                component: string;
                /** @description The plan's level, after compression */
                level: number;
                /**
                 * @description Why
                 * @enum {string}
                 */
                reason: "not_eligible" | "no_rate";
            }[];
            /** @description Of the lines, by currency */
            totals: {
                [key: string]: {
                    /** @description The amount in minor units of its currency */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description How much */
                    amount: string;
                };
            };
            /** @description What the sale's CV is worth; 0 for an order kind left out */
            commissionable: {
                /** @description The amount in minor units of its currency */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description How much */
                amount: string;
            };
            /** @description The lines' share of it, in parts per million; null where it is 0 */
            payout_ppm: (number | string) | null;
        };
        Break: {
            /** @description Names it among its kind */
            id: string;
            /** @description `MISSING_LOCAL`, `AMOUNT`, `CHAIN`, …: see docs/reconciliation.md */
            class: string;
            /**
             * @description healed: by what was done about it; gone: it was not there any more; resolved and accepted: by a person
             * @enum {string}
             */
            state: "open" | "healed" | "resolved" | "accepted" | "gone";
            /** @description ticket from 24 hours on, page from 72, or at once above a limit. Null where closed */
            severity: ("info" | "ticket" | "page") | null;
            /** @description The distributor a key speaks for; or what it is about, `dist:1001` */
            subject: string;
            /** @description The line, payout or event it is about */
            reference: string;
            /** @description Null where it is nobody's */
            distributor_id: string | null;
            /** @description The core's, or ours. Null where it is about no line, or was not found by reconciliation */
            line_id: string | null;
            /** @description The reconciliation that found it first; null where another look did */
            run_id: string | null;
            /** @description Of the line, by the core where it has it */
            amount: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            } | null;
            /** @description The line as the core had it; null where it had none */
            core: {
                /** @description As it was posted */
                amount: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                } | null;
                /** @description Of that, taken back */
                reversed: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                } | null;
                /** @description `held` or `available`; here also `superseded` or `void` */
                status: string;
                /** @description RFC 3339, UTC, milliseconds */
                effective_at: string;
                /** @description The plan's or the core's id of the period, `2026-07` */
                period_id: string | null;
                /** @description The order it comes from */
                order_id: string | null;
            } | null;
            /** @description The line as the mirror had it; null where it had none */
            mirror: {
                /** @description As it was posted */
                amount: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                } | null;
                /** @description Of that, taken back */
                reversed: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                } | null;
                /** @description `held` or `available`; here also `superseded` or `void` */
                status: string;
                /** @description RFC 3339, UTC, milliseconds */
                effective_at: string;
                /** @description The plan's or the core's id of the period, `2026-07` */
                period_id: string | null;
                /** @description The order it comes from */
                order_id: string | null;
            } | null;
            /** @description What is done about it: `backfill`, `correct`, `advance`, `redate`, `suspend`, `recompute`, or `none` */
            action: string | null;
            /** @description Why not more: `above_limit`, `run_limit`, `not_looked_up`, `never_automatic`, … */
            why: string | null;
            /** @description One sentence for a person */
            detail: string;
            /** @description RFC 3339, UTC, milliseconds */
            found_at: string;
            /** @description When a person settled it; null while it is open */
            resolved_at: string | null;
            /** @description What a person did about it last; in an open break a decision that is on its way */
            resolution: {
                /**
                 * @description What was done about it
                 * @enum {string}
                 */
                action: "resolve" | "accept" | "reopen";
                /** @description What was decided on its line */
                decision: ("keep" | "reverse") | null;
                /** @description In the words of whoever did it */
                reason: string;
                /** @description The credential, as the audit trail names it */
                by: string;
                /** @description When it was done */
                at: string;
            } | null;
        };
        Reconciliation: {
            /** @description `recon_…`: sorts by time */
            run_id: string;
            /**
             * @description window: lines that took effect lately; lines: all, or of a range; balances: of all distributors; objects, gap and poll are the gateway's own
             * @enum {string}
             */
            kind: "window" | "balances" | "lines" | "objects" | "gap" | "poll";
            /**
             * @description How it stands
             * @enum {string}
             */
            state: "running" | "done" | "failed";
            /** @description `cron`; `period:{id}`, the latest close that it is for; `epoch:{n}`, in which the core was restored; or the credential that asked for it */
            cause: string;
            /** @description RFC 3339, UTC, milliseconds */
            started_at: string;
            /** @description Null while it is on its way */
            ended_at: string | null;
            /** @description Judged is what took effect from here on. Compared are whole days, or months where it is long: `expected` and `covered` count those. Null without a range */
            from: string | null;
            /** @description The end, which is not in it */
            to: string | null;
            /** @description Counts are lines; where balances are compared, balances (one a bucket and currency), and of those that differ or are in flight their distributors */
            report: {
                /** @description Of what the core has in the range, held against ours, rounded down; 100.00 is all. Null before it is known */
                coverage_percent: string | null;
                /** @description Of the core, in the days or months of the run's range */
                expected: number;
                /** @description Of those, how many were held against ours: by the digest of their bucket, or one by one */
                covered: number;
                /** @description One by one, on either side */
                compared: number;
                /** @description Which core and mirror have otherwise */
                differing: number;
                /** @description Of those, which changed too lately to be judged */
                in_flight: number;
                /** @description Breaks about which something was done */
                healed: number;
                /** @description Breaks that are left open in the range, found in this run or before */
                open: number;
                /** @description When the oldest of them was found */
                oldest_open_at: string | null;
                /** @description To the core */
                requests: number;
                /** @description From the core */
                bytes: number;
                /** @description Lines that the core told twice, and not alike: nothing is concluded from them */
                contradicted: number;
                /** @description What became of the breaks of each class */
                by_class: {
                    [key: string]: {
                        /** @description In this run, whether they are new or not */
                        found: number;
                        /** @description For the first time */
                        added: number;
                        /** @description Something is done about them */
                        healed: number;
                        /** @description Left to a person, or not over by what is done; found in this run or before */
                        open: number;
                    };
                };
            };
            /** @description Why it failed; while it is running, what last kept it from going on */
            error: {
                /** @description `timeout`, `malformed`, `stale`, `epoch_fell`, `epoch_jumped`, `seq_fell`, `digest_contradicted`, `too_many`, `too_long`, `broke`, … */
                kind: string;
                /** @description One sentence for a person */
                detail: string;
            } | null;
        };
        Polls: {
            /** @description Which of the tenant's sources it came from */
            source: string;
            /**
             * @description off: its options have no `poll`
             * @enum {string}
             */
            state: "off" | "active" | "paused";
            /** @description The product wants to be left alone, or the day's allowance is used up */
            not_before: string | null;
            /** @description Requests of the last 24 hours; credits at Zoho */
            used_24h: number;
            /** @description Our share of what the product gives */
            allowed_24h: number | null;
            /** @description Looking up what webhooks name */
            look_up: {
                /** @description In a row */
                failures: number;
                /** @description Why it could not be done; null once it could */
                error: {
                    /** @description RFC 3339, UTC, milliseconds */
                    at: string;
                    /** @description When it began to fail, whatever for */
                    since: string;
                    /**
                     * @description Of which kind it is
                     * @enum {string}
                     */
                    kind: "unauthorized" | "forbidden" | "throttled" | "expired" | "refused" | "failed";
                    /** @description One sentence for a person */
                    detail: string;
                } | null;
            };
            /** @description As `options.poll` names them */
            streams: {
                /** @description Its name in `options.poll.streams` */
                stream: string;
                /** @description The newest change that a whole round has seen, by the product's clock */
                watermark: string | null;
                /** @description When it is asked again; null before its first round, and of `every: "never"` */
                next_at: string | null;
                /** @description In a row */
                failures: number;
                /** @description Under way */
                round: {
                    /** @description RFC 3339, UTC, milliseconds */
                    began_at: string;
                    /** @description Null while it is under way */
                    ended_at: string | null;
                    /** @description Requests that brought records, or the end */
                    pages: number;
                    /** @description That the product showed */
                    records: number;
                    /** @description Of them, those put on the queue: the others had been, lately */
                    told: number;
                } | null;
                /** @description The last whole one */
                last: {
                    /** @description RFC 3339, UTC, milliseconds */
                    began_at: string;
                    /** @description Null while it is under way */
                    ended_at: string | null;
                    /** @description Requests that brought records, or the end */
                    pages: number;
                    /** @description That the product showed */
                    records: number;
                    /** @description Of them, those put on the queue: the others had been, lately */
                    told: number;
                } | null;
                /** @description Why the round does not go on, or cannot be whole; null once it goes on where it failed */
                error: {
                    /** @description RFC 3339, UTC, milliseconds */
                    at: string;
                    /** @description When it began to fail, whatever for */
                    since: string;
                    /**
                     * @description Of which kind it is
                     * @enum {string}
                     */
                    kind: "unauthorized" | "forbidden" | "throttled" | "expired" | "refused" | "failed";
                    /** @description One sentence for a person */
                    detail: string;
                } | null;
            }[];
        };
        Rebuild: {
            /** @description `rebuild_…`: sorts by time */
            rebuild_id: string;
            /**
             * @description How it stands
             * @enum {string}
             */
            state: "running" | "done" | "failed";
            /**
             * @description What it is at
             * @enum {string}
             */
            phase: "begin" | "names" | "subjects" | "settle" | "strays" | "totals" | "done";
            /** @description Why */
            reason: string;
            /** @description The credential that asked for it */
            cause: string;
            /** @description RFC 3339, UTC, milliseconds */
            started_at: string;
            /** @description Null while it is on its way */
            ended_at: string | null;
            /** @description From its start to its end */
            seconds: number | null;
            /** @description Frozen subjects that a person set free with it */
            thaw: string[];
            /** @description Deliveries archived since then were read for names. Null where it decides by itself */
            archive_from: string | null;
            /** @description What was paid since then is priced anew at the end. Null: nothing is */
            reprice_from: string | null;
            /** @description How far it is, and what it found */
            report: {
                /** @description Subjects by name, wherever the name was found */
                named: number;
                /** @description Of those, held against their object by now */
                looked_at: number;
                /** @description equal: the mirror was right; rewritten: some rows were not; begun_anew: mirrored from the beginning of the log; taken_away: rows of nobody; nothing: named, and nothing is there */
                results: {
                    [key: string]: number;
                };
                /** @description Rows that were wrong, by table, without what is mirrored from its beginning */
                rows: {
                    [key: string]: number;
                };
                /** @description Subjects whose mirror does not reach their log yet, up to 1,000 */
                behind: number;
                /** @description Volumes and digests of transfers stay as they were: not every log could be read */
                sums_left: boolean;
                /** @description Subjects that wait for a person: the first twenty of each kind */
                frozen: string[];
                /** @description Subjects that the roster knows, and whose object has nothing any more: the first twenty of each kind */
                not_found: string[];
                /** @description Subjects that could not be looked at, or whose log is too long: the first twenty of each kind */
                failed: string[];
            };
            /** @description Why it failed; while it is running, what last kept it from going on */
            error: string | null;
        };
        Replay: {
            /** @description `replay_…`: sorts by time */
            replay_id: string;
            /**
             * @description How it stands
             * @enum {string}
             */
            state: "running" | "done" | "failed";
            /**
             * @description events: those that the index has; archive: deliveries that it lacks; settling: what was sent is worked off; outcomes: how it all stands by now
             * @enum {string}
             */
            phase: "events" | "archive" | "settling" | "outcomes" | "done";
            /** @description Nothing was sent */
            dry_run: boolean;
            /** @description RFC 3339, UTC, milliseconds */
            from: string;
            /** @description RFC 3339, UTC, milliseconds */
            to: string;
            /** @description Which of the tenant's sources it came from */
            source: string | null;
            /** @description The distributor a key speaks for; or what it is about, `dist:1001` */
            subject: string | null;
            /** @description These events only; null where all of the span */
            ids: string[] | null;
            /** @description Why */
            reason: string | null;
            /** @description The credential that asked for it */
            cause: string;
            /** @description RFC 3339, UTC, milliseconds */
            started_at: string;
            /** @description Null while it is on its way */
            ended_at: string | null;
            /** @description How far it is, and what it found */
            report: {
                /** @description Deliveries of which something was sent */
                deliveries: number;
                /** @description What the delivery would bring */
                events: {
                    /** @description Events of the span, of the source and the subject that were asked for */
                    found: number;
                    /** @description Of those, played again; in a dry run those that would be */
                    sent: number;
                    /** @description Not played again, and why: see `skipped` */
                    skipped: number;
                    /** @description Of those found, in the archive alone: no event's read has known of them */
                    lost: number;
                };
                /** @description Of the messages as the queue takes them, and of bodies that lie in the archive */
                bytes: number;
                /** @description What was found by how it stood then: an event's outcome, `discarded` where a person let go of it, `lost` */
                before: {
                    [key: string]: number;
                };
                /** @description What becomes of volume that found no match */
                after: {
                    [key: string]: number;
                } | null;
                /** @description When what was sent had been worked off, or was waited for no longer. Null until then, and in a dry run */
                counted_at: string | null;
                /** @description What was sent, by source */
                sources: {
                    [key: string]: number;
                };
                /** @description What was sent, by type; `unknown` where none could be read */
                types: {
                    [key: string]: number;
                };
                /** @description Of what was sent, what can end otherwise than it did */
                decided_anew: {
                    /** @description What the delivery would bring */
                    events: number;
                    /** @description The first ten */
                    examples: {
                        /** @description Our id of the event: sorts by arrival */
                        event_id: string;
                        /** @description Which of the tenant's sources it came from */
                        source: string | null;
                        /** @description The HTTP request that it came with, `dlv_…` */
                        delivery_id: string | null;
                    }[];
                };
                /** @description What was not sent, by reason */
                skipped: {
                    /**
                     * @description Why
                     * @enum {string}
                     */
                    reason: "rejected" | "repeats" | "conflict" | "buffered" | "parked" | "discarded" | "made" | "reads_otherwise" | "source_gone" | "sender_changed" | "sender_unknown" | "not_archived" | "body_gone" | "oversized" | "unread" | "unopened" | "not_found";
                    /** @description One sentence for a person */
                    detail: string;
                    /** @description What the delivery would bring */
                    events: number;
                    /** @description The first ten */
                    examples: {
                        /** @description Our id of the event: sorts by arrival */
                        event_id: string;
                        /** @description Which of the tenant's sources it came from */
                        source: string | null;
                        /** @description The HTTP request that it came with, `dlv_…` */
                        delivery_id: string | null;
                    }[];
                }[];
            };
            /** @description Why it failed; while it is running, what last kept it from going on */
            error: string | null;
        };
        Autoship: {
            /** @description The shop's id of the recurring order */
            autoship_id: string;
            /** @description As the shop wrote it; null: never again */
            next_run: string | null;
            /** @description As the shop names it */
            status: string;
            /** @description A register that is begun anew counts one higher */
            epoch: number;
            /** @description Decimal digits: the highest of the highest epoch is current */
            rev: string;
            /** @description When it happened, as its sender says. RFC 3339, UTC, milliseconds */
            occurred_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
        };
        ClosedPeriod: {
            /** @description The plan's or the core's id of the period, `2026-07` */
            period_id: string;
            /** @description Names the run */
            run_id: string;
            /** @description Minor units by currency */
            totals: {
                [key: string]: number;
            };
            /** @description How many commission lines the core counted */
            lines: number;
            /** @description SHA-256 over the period's lines, as the core told it */
            digest: string;
            /** @description A register that is begun anew counts one higher */
            epoch: number;
            /** @description Decimal digits: the highest of the highest epoch is current */
            rev: string;
            /** @description When it happened, as its sender says. RFC 3339, UTC, milliseconds */
            occurred_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
        };
        Stock: {
            /** @description The article */
            sku: string;
            /** @description Null where the sender names no places */
            location: string | null;
            /** @description Negative when oversold */
            on_hand: number;
            /** @description The sender's threshold; null: low when nothing is left */
            low_stock_at: number | null;
            /** @description At its threshold or below */
            low: boolean;
            /** @description A register that is begun anew counts one higher */
            epoch: number;
            /** @description Decimal digits: the highest of the highest epoch is current */
            rev: string;
            /** @description When it happened, as its sender says. RFC 3339, UTC, milliseconds */
            occurred_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
        };
        Ticket: {
            /** @description Which helpdesk */
            system: string;
            /** @description The helpdesk's id of the ticket */
            object_id: string;
            /** @description The core's id of the distributor */
            distributor_id: string | null;
            /** @description As the helpdesk names it */
            status: string;
            /** @description What the ticket is about */
            subject_kind: string;
            /** @description Whether the status is none of those that end a ticket */
            open: boolean;
            /** @description When its first revision was */
            opened_at: string | null;
            /** @description When it first left the status it began with */
            first_response_at: string | null;
            /** @description A register that is begun anew counts one higher */
            epoch: number;
            /** @description Decimal digits: the highest of the highest epoch is current */
            rev: string;
            /** @description When it happened, as its sender says. RFC 3339, UTC, milliseconds */
            occurred_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
        };
        EarningsReport: {
            /** @description The core's id of the distributor */
            distributor_id: string;
            /** @description yyyy-mm, in UTC */
            month: string;
            /**
             * @description Open: not over, or not all of it: an estimate. Closed: the core has closed the period of this name
             * @enum {string}
             */
            status: "open" | "complete" | "closed";
            /** @description RFC 3339, UTC, milliseconds */
            effective_from: string;
            /** @description The last millisecond that counts: the month's, or `as_of` */
            effective_to: string;
            /** @description Asked for again, it gives the same figures */
            known_at: string;
            /** @description One for each currency in which there is anything */
            statements: {
                /** @description ISO 4217 */
                currency: string;
                /** @description What was held and available before the month, together */
                opening: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description Commission lines of the month */
                lines: {
                    /** @description Null where the line is not known here */
                    component: string | null;
                    /** @description How much */
                    amount: {
                        /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                        amount_minor: number | string;
                        /** @description ISO 4217 */
                        currency: string;
                        /** @description The same amount in major units, as text */
                        amount: string;
                    };
                }[];
                /** @description Taken back of lines, whenever they were earned */
                reversals: {
                    /** @description Null where the line is not known here */
                    component: string | null;
                    /** @description How much */
                    amount: {
                        /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                        amount_minor: number | string;
                        /** @description ISO 4217 */
                        currency: string;
                        /** @description The same amount in major units, as text */
                        amount: string;
                    };
                }[];
                /** @description Corrections that a person made, together */
                adjustments: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description Payout fees */
                fees: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description Tax withheld */
                withholding: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description Net amounts sent; those that failed are taken out again */
                payouts: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description Debts moved for collection, say */
                other: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description Opening and all parts above, to the unit */
                closing: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description An estimate, in no balance: lines that the core has not confirmed by the end of the month */
                pending: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
                /** @description On its way to the bank at the end of the month, in no balance */
                in_transit: {
                    /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                    amount_minor: number | string;
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description The same amount in major units, as text */
                    amount: string;
                };
            }[];
        };
        Progress: {
            /** @description The core's id of the distributor */
            distributor_id: string;
            /** @description The plan's or the core's id of the period, `2026-07` */
            period_id: string;
            /** @description RFC 3339, UTC, milliseconds */
            period_end: string;
            /**
             * @description Always true: the core decides
             * @constant
             */
            estimate: true;
            /** @description The first plan that has ranks; null where none has */
            plan_id: string | null;
            /** @description The pay rank that was told for the period, else the one in force, else the estimate */
            rank: string | null;
            /**
             * @description core: told by the core; run: set by a run of the gateway's own; estimate: neither
             * @enum {string}
             */
            rank_source: "core" | "run" | "estimate";
            /** @description As counted here from the volumes of the period, whatever was told; without grace */
            estimated_rank: string | null;
            /** @description Null at the highest */
            next_rank: string | null;
            /** @description All that the next rank asks for */
            requirements: {
                /**
                 * @description max_leg_ppm: the group volume would do, but too much of it lies in one leg
                 * @enum {string}
                 */
                requirement: "min_pv_x100" | "min_gv_x100" | "max_leg_ppm" | "legs_with_rank";
                /** @description That the legs must have */
                rank?: string;
                /** @description What is asked for */
                need: number;
                /** @description What there is of it */
                have: number;
                /** @description 0 where it is met */
                missing: number;
            }[];
            /** @description Own volume in points, times 100 */
            pv_x100: number;
            /** @description Group volume in points, times 100 */
            gv_x100: number;
            /**
             * @description core: told by the core; estimate: counted here from orders
             * @enum {string}
             */
            volumes_source: "core" | "estimate";
            /** @description Distributors sponsored in person */
            legs: number;
            /** @description False where more than 10,000 people would have to be looked at: then ranks of legs are those told for the nearest 10,000, and none is estimated */
            legs_complete: boolean;
        };
        SalesGroup: {
            /** @description A day, month, kind, source or currency; null for none */
            group: string | null;
            /** @description ISO 4217 */
            currency: string;
            /** @description How many */
            orders: number;
            /** @description net + tax + shipping */
            gross: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description Without tax and shipping */
            net: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description Sales tax of the orders */
            tax: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description What the buyers paid for shipping */
            shipping: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description Of the gross, paid back or taken back */
            returned: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description The processor's for the payments */
            fee: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description Points times 100 */
            cv_x100: number | string;
            /** @description Points times 100 */
            pv_x100: number | string;
            /** @description What is left of the orders' lines, by currency; null with as_of or known_at */
            commission: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            }[] | null;
        };
        Deletion: {
            /** @description The tenant's name */
            tenant: string;
            /** @description Our id of the deletion */
            deletion_id: string;
            /**
             * @description How far it is
             * @enum {string}
             */
            state: "exporting" | "exported" | "purging" | "purged";
            /** @description What cron does next; for people */
            step: string;
            /** @description No export was asked for */
            skip_export: boolean;
            /** @description Deliveries as they came are opened into the export */
            include_raw: boolean;
            /** @description RFC 3339, UTC, milliseconds */
            requested_at: string;
            /** @description `admin_token` or `key:{key_id}` */
            requested_by: string;
            /** @description Parts of the export written so far */
            parts: number;
            /** @description The export, once it is whole */
            export: {
                /** @description How many parts */
                parts: number;
                /** @description Lines in all of them */
                rows: number;
                /** @description Their sizes, summed up */
                bytes: number;
                /** @description Of the manifest: what `confirm` asks for */
                manifest_sha256: string;
                /** @description RFC 3339, UTC, milliseconds */
                made_at: string;
            } | null;
            /** @description Who said that the export has arrived */
            confirmed_by: string | null;
            /** @description Messages that came after the purge had begun */
            messages_dropped: number;
            /** @description When nothing was left; null before */
            purged_at: string | null;
            /** @description What is kept for ever; null before the end */
            proof: {
                /** @description The tenant's name */
                tenant: string;
                /** @description Our id of the deletion */
                deletion_id: string;
                /** @description Where all of it was; null: anywhere */
                jurisdiction: ("eu" | "us") | null;
                /** @description RFC 3339, UTC, milliseconds */
                requested_at: string;
                /** @description `admin_token` or `key:{key_id}` */
                requested_by: string;
                /** @description Who has the export; null where none was made */
                confirmed_by: string | null;
                /** @description RFC 3339, UTC, milliseconds */
                purge_began_at: string;
                /** @description RFC 3339, UTC, milliseconds */
                purged_at: string;
                /** @description Null where no export was made */
                export_manifest_sha256: string | null;
                /** @description What there was, counted just before the purge */
                before: {
                    /** @description Rows by table; those without any are left out */
                    tables: {
                        [key: string]: number;
                    };
                    /** @description Objects with anything in their storage */
                    objects: number;
                    /** @description Objects in R2, the export left out */
                    files: {
                        /** @description How many */
                        objects: number;
                        /** @description Their sizes, summed up */
                        bytes: number;
                    };
                };
                /** @description What is left, counted after it: nothing */
                after: {
                    /** @description Rows by table; those without any are left out */
                    tables: {
                        [key: string]: number;
                    };
                    /** @description Objects with anything in their storage */
                    objects: number;
                    /** @description Objects in R2, the export left out */
                    files: {
                        /** @description How many */
                        objects: number;
                        /** @description Their sizes, summed up */
                        bytes: number;
                    };
                };
                /** @description Over every object's last head, in the order of their names */
                heads_sha256: string;
                /** @description Copies of configuration that were taken from KV */
                copies: number;
                /**
                 * @description What it sealed opens nowhere, in no backup either
                 * @constant
                 */
                data_key: "destroyed";
                /** @description Of the other members as canonical JSON (RFC 8785) */
                sha256: string;
            } | null;
        };
        DeletionManifest: {
            /** @description The tenant's name */
            tenant: string;
            /** @description Our id of the deletion */
            deletion_id: string;
            /** @description RFC 3339, UTC, milliseconds */
            made_at: string;
            /** @description Every part, in the order in which they were written */
            parts: {
                /** @description Its number, from 1 */
                n: number;
                /** @description `tables/{table}`, `logs`, `profiles`, `files` or `raw` */
                name: string;
                /** @description Its lines */
                rows: number;
                /** @description Its size */
                bytes: number;
                /** @description SHA-256, hexadecimal */
                sha256: string;
            }[];
        };
        Run: {
            /** @description `{kind}:{plan}:{period}` */
            run_id: string;
            /**
             * @description What is done: ranks set, the period closed, or payouts proposed
             * @enum {string}
             */
            kind: "ranks" | "close" | "payouts";
            /** @description Names the plan */
            plan_id: string;
            /** @description The plan's or the core's id of the period, `2026-07` */
            period_id: string;
            /**
             * @description How it stands
             * @enum {string}
             */
            state: "running" | "done" | "failed";
            /** @description How often it was started */
            attempt: number;
            /** @description Of this attempt */
            started_at: string;
            /** @description Null while it is on its way */
            ended_at: string | null;
            /** @description Where a close goes on */
            phase: string | null;
            /** @description Objects that still have to take what they were told */
            waiting: number | null;
            /** @description Why it failed */
            reason: string | null;
            /** @description Payouts proposed so far */
            proposals: number | null;
            /** @description Whose payout is not proposed although the balance would do, at most 1000 */
            left_out: {
                /** @description The core's id of the distributor */
                distributor_id: string;
                /**
                 * @description Why
                 * @enum {string}
                 */
                reason: "break_open" | "nothing_left";
                /** @description One sentence for a person */
                detail: string;
            }[];
        };
        PayoutProposal: {
            /** @description The core's id of the distributor */
            distributor_id: string;
            /** @description The payable balance: what was clawed back is taken from it already */
            gross: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description What the payout costs */
            fee: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description Tax withheld */
            withholding: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description gross − fee − withholding */
            net: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
        };
        TreeNode: {
            /** @description The core's id of the distributor */
            distributor_id: string;
            /** @description Steps from the distributor who was asked for */
            depth: number;
            /** @description In the tree that was asked for; null at the top, and for somebody named as a parent who is not enrolled */
            parent_id: string | null;
            /** @description In which leg of its parent; binary trees only */
            leg: ("L" | "R") | null;
            /** @description Masked (`A. K.`) */
            name?: string | null;
            /** @description In force at the instant */
            status?: string | null;
            /** @description The pay rank in force at the instant */
            rank?: string | null;
            /** @description When the distributor enrolled */
            joined_at?: string | null;
        };
        Usage: {
            /** @description Accepted events of today */
            events: {
                /** @description The day of UTC, `yyyy-mm-dd` */
                day: string;
                /** @description Accepted events of the day, as far as they are counted */
                used: number;
                /** @description How many there may be in a day; null: any number */
                limit: number | null;
                /** @description Senders of our own contract are answered 429 until the day ends */
                is_over: boolean;
                /** @description Events that arrived before it are counted */
                counted_until: string;
                /** @description When the next day begins */
                resets_at: string;
            };
            /** @description Sources that exist */
            sources: {
                /** @description How many there are */
                used: number;
                /** @description How many there may be */
                limit: number;
            };
            /** @description API keys that are neither revoked nor expired */
            keys: {
                /** @description How many there are */
                used: number;
                /** @description How many there may be */
                limit: number;
            };
            /** @description Requests to this API, of all callers together */
            requests_per_minute: {
                /** @description At each Cloudflare location */
                limit: number;
            };
        };
        Alert: {
            /** @description The same as long as it lasts: `{kind}:{what it is about}` */
            alert_id: string;
            /**
             * @description What is the matter: docs/operations.md
             * @enum {string}
             */
            kind: "break" | "conflict" | "core_unreachable" | "dead" | "delivery_dead" | "destination_failing" | "frozen" | "gap" | "limit_reached" | "low_stock" | "negative_balance" | "poll_failing" | "quarantined" | "quota_reached" | "rebuild_failed" | "reconciliation_failed" | "replay_failed" | "run_failed" | "slo_burning" | "source_paused";
            /**
             * @description info: to be known; ticket: for somebody to look at; page: now
             * @enum {string}
             */
            severity: "info" | "ticket" | "page";
            /** @description The object that it is about, `dist:1001` */
            subject: string | null;
            /** @description Since when, as far as it is known */
            since: string;
            /** @description What is the matter: ids and counts, no amounts */
            detail: string;
            /** @description Where to look */
            href: string;
        };
        Destination: {
            /** @description The destination's name */
            destination: string;
            /** @description How it is told: `webhook` */
            kind: string;
            /** @description Where it is told */
            url: string;
            /** @description How a delivery to it proves that it comes from here */
            auth: {
                /** @description The last four characters of each, newest first */
                secrets: string[];
            };
            /** @description How many attempts in a minute */
            per_minute: number;
            /** @description How many attempts at once */
            concurrency: number;
            /**
             * @description paused: a person has it told nothing; gone: it answered 410
             * @enum {string}
             */
            state: "active" | "paused" | "gone";
            /** @description RFC 3339, UTC, milliseconds */
            paused_at?: string;
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            updated_at: string;
        };
        SavedDestination: {
            /** @description The destination's name */
            destination: string;
            /** @description How it is told: `webhook` */
            kind: string;
            /** @description Where it is told */
            url: string;
            /** @description How a delivery to it proves that it comes from here */
            auth: {
                /** @description The last four characters of each, newest first */
                secrets: string[];
            };
            /** @description How many attempts in a minute */
            per_minute: number;
            /** @description How many attempts at once */
            concurrency: number;
            /**
             * @description paused: a person has it told nothing; gone: it answered 410
             * @enum {string}
             */
            state: "active" | "paused" | "gone";
            /** @description RFC 3339, UTC, milliseconds */
            paused_at?: string;
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            updated_at: string;
            /** @description The secret that was made: shown this once. Absent where none was */
            secret?: string;
        };
        Subscription: {
            /** @description The subscription's name */
            subscription: string;
            /** @description The destination that is told */
            destination: string;
            /** @description What it is told of: types, groups of them (`payment.*`), or all (`*`) */
            types: string[];
            /** @description What these sources told, and nothing else */
            sources?: string[];
            /** @description Not what these sources told: whoever told it need not hear of it */
            except_sources?: string[];
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            updated_at: string;
        };
        Delivery: {
            /** @description The `webhook-id` of each attempt: by it a receiver knows what it has */
            delivery_id: string;
            /** @description To whom it goes */
            destination: string;
            /** @description The first of the destination's by name that wanted it */
            subscription: string;
            /** @description Of the catalogue, or `message.{kind}` */
            type: string;
            /** @description Ours; absent for what no event of its own told */
            event_id?: string;
            /** @description Whom or what it is about: `order:O1` */
            subject: string;
            /**
             * @description pending: tried until it is delivered or dead; dead: its attempts are used up; cancelled: its destination is gone
             * @enum {string}
             */
            state: "pending" | "delivered" | "dead" | "cancelled";
            /** @description How many were made, as far as they are kept: the 30 newest */
            attempts: number;
            /** @description Absent before the first one */
            last_attempt?: {
                /** @description When it was made */
                at: string;
                /** @description Until there was an answer, or none any more */
                took_ms: number;
                /** @description Of the answer; absent where none came */
                status?: number;
                /** @description Why it did not count as delivered; absent where it did */
                error?: string;
            };
            /** @description At the earliest: a destination that is paused or left alone is sent nothing. Absent once nobody tries any more */
            next_attempt_at?: string;
            /** @description When it was recorded what it tells */
            created_at: string;
            /** @description Absent while it is pending; 30 days later it is forgotten */
            ended_at?: string;
        };
        DeliveryDetail: {
            /** @description The `webhook-id` of each attempt: by it a receiver knows what it has */
            delivery_id: string;
            /** @description To whom it goes */
            destination: string;
            /** @description The first of the destination's by name that wanted it */
            subscription: string;
            /** @description Of the catalogue, or `message.{kind}` */
            type: string;
            /** @description Ours; absent for what no event of its own told */
            event_id?: string;
            /** @description Whom or what it is about: `order:O1` */
            subject: string;
            /**
             * @description pending: tried until it is delivered or dead; dead: its attempts are used up; cancelled: its destination is gone
             * @enum {string}
             */
            state: "pending" | "delivered" | "dead" | "cancelled";
            /** @description How many were made, as far as they are kept: the 30 newest */
            attempts: number;
            /** @description Absent before the first one */
            last_attempt?: {
                /** @description When it was made */
                at: string;
                /** @description Until there was an answer, or none any more */
                took_ms: number;
                /** @description Of the answer; absent where none came */
                status?: number;
                /** @description Why it did not count as delivered; absent where it did */
                error?: string;
            };
            /** @description At the earliest: a destination that is paused or left alone is sent nothing. Absent once nobody tries any more */
            next_attempt_at?: string;
            /** @description When it was recorded what it tells */
            created_at: string;
            /** @description Absent while it is pending; 30 days later it is forgotten */
            ended_at?: string;
            /** @description The oldest first */
            attempts_made: {
                /** @description When it was made */
                at: string;
                /** @description Until there was an answer, or none any more */
                took_ms: number;
                /** @description Of the answer; absent where none came */
                status?: number;
                /** @description Why it did not count as delivered; absent where it did */
                error?: string;
            }[];
            /** @description What is sent, each time byte for byte the same */
            body: {
                /** @description As `type` of the delivery */
                type: string;
                /** @description When it happened */
                timestamp: string;
                /** @description Ids and times: docs/destinations.md */
                data: {
                    [key: string]: unknown;
                };
            };
        };
        Sla: {
            /** @description RFC 3339, UTC, milliseconds */
            as_of: string;
            /** @description Beginning of the range, a full hour */
            from: string;
            /** @description End of the range, a full hour that is not in it */
            to: string;
            /** @description How each objective is met by the lines of the range */
            objectives: {
                /** @description Visible within so many milliseconds of receipt */
                within_ms: number;
                /** @description So many lines of a million are to be */
                target_ppm: number;
                /** @description Lines of the range that were timed */
                total: number;
                /** @description Lines that were; counted exactly */
                good: number;
                /** @description Lines that were not */
                bad: number;
                /** @description Good ones of a million; null: no line */
                share_ppm: number | null;
                /** @description Of the lines that may be late in the range; below zero: more were */
                budget_left_ppm: number;
            }[];
            /** @description Lines that were kept back have no `queue` and no `apply` */
            stages: {
                /** @description From when it happened until it was received */
                producer: {
                    /** @description Lines that were timed */
                    count: number;
                    /** @description Half of them took no longer, within 5 %; null: none timed */
                    p50_ms: number | null;
                    /** @description 95 of 100 took no longer, within 5 %; null: none timed */
                    p95_ms: number | null;
                    /** @description 99 of 100 took no longer, within 5 %; null: none timed */
                    p99_ms: number | null;
                    /** @description The longest; 1000000 ms and more are one, within 5 %; null: none timed */
                    max_ms: number | null;
                };
                /** @description From receipt until a consumer took it */
                queue: {
                    /** @description Lines that were timed */
                    count: number;
                    /** @description Half of them took no longer, within 5 %; null: none timed */
                    p50_ms: number | null;
                    /** @description 95 of 100 took no longer, within 5 %; null: none timed */
                    p95_ms: number | null;
                    /** @description 99 of 100 took no longer, within 5 %; null: none timed */
                    p99_ms: number | null;
                    /** @description The longest; 1000000 ms and more are one, within 5 %; null: none timed */
                    max_ms: number | null;
                };
                /** @description From then until the distributor's object had it */
                apply: {
                    /** @description Lines that were timed */
                    count: number;
                    /** @description Half of them took no longer, within 5 %; null: none timed */
                    p50_ms: number | null;
                    /** @description 95 of 100 took no longer, within 5 %; null: none timed */
                    p95_ms: number | null;
                    /** @description 99 of 100 took no longer, within 5 %; null: none timed */
                    p99_ms: number | null;
                    /** @description The longest; 1000000 ms and more are one, within 5 %; null: none timed */
                    max_ms: number | null;
                };
                /** @description From then until the mirror had it */
                mirror: {
                    /** @description Lines that were timed */
                    count: number;
                    /** @description Half of them took no longer, within 5 %; null: none timed */
                    p50_ms: number | null;
                    /** @description 95 of 100 took no longer, within 5 %; null: none timed */
                    p95_ms: number | null;
                    /** @description 99 of 100 took no longer, within 5 %; null: none timed */
                    p99_ms: number | null;
                    /** @description The longest; 1000000 ms and more are one, within 5 %; null: none timed */
                    max_ms: number | null;
                };
                /** @description From receipt until the mirror had it */
                visible: {
                    /** @description Lines that were timed */
                    count: number;
                    /** @description Half of them took no longer, within 5 %; null: none timed */
                    p50_ms: number | null;
                    /** @description 95 of 100 took no longer, within 5 %; null: none timed */
                    p95_ms: number | null;
                    /** @description 99 of 100 took no longer, within 5 %; null: none timed */
                    p99_ms: number | null;
                    /** @description The longest; 1000000 ms and more are one, within 5 %; null: none timed */
                    max_ms: number | null;
                };
            };
            /** @description Of the lines above, those kept back for a gap, a fact or somebody unknown */
            waited: {
                /** @description Commission lines */
                lines: number;
                /** @description By objective */
                within: {
                    /** @description Visible within so many milliseconds of receipt */
                    within_ms: number;
                    /** @description Lines that were; counted exactly */
                    good: number;
                    /** @description Lines that were not */
                    bad: number;
                }[];
            };
            /** @description Lines that nobody waited for, and that are not among those above */
            aside: {
                /** @description Commission lines */
                lines: number;
            };
            /** @description What each rule says of each objective, as of now */
            burn: {
                /** @description Visible within so many milliseconds of receipt */
                within_ms: number;
                /** @description So many lines of a million are to be */
                target_ppm: number;
                /**
                 * @description Which windows it looks at: docs/operations.md
                 * @enum {string}
                 */
                rule: "page_1h" | "page_6h" | "ticket_3d";
                /**
                 * @description What the rule asks of somebody
                 * @enum {string}
                 */
                severity: "page" | "ticket";
                /** @description It fires where both windows burn as fast */
                threshold_ppm: number;
                /** @description The window that gives weight */
                long: {
                    /** @description The last so many milliseconds, by whole minutes */
                    window_ms: number;
                    /** @description Lines that were timed */
                    total: number;
                    /** @description Lines that were not */
                    bad: number;
                    /** @description The late share by the share that may be late, in millionths: 1000000 just uses it up */
                    burn_ppm: number;
                };
                /** @description The window that says that it is still so */
                short: {
                    /** @description The last so many milliseconds, by whole minutes */
                    window_ms: number;
                    /** @description Lines that were timed */
                    total: number;
                    /** @description Lines that were not */
                    bad: number;
                    /** @description The late share by the share that may be late, in millionths: 1000000 just uses it up */
                    burn_ppm: number;
                };
                /** @description … and the long one has 10 late lines at least */
                firing: boolean;
            }[];
        };
        AuditEntry: {
            /** @description Sorts by time */
            audit_id: string;
            /** @description RFC 3339, UTC, milliseconds */
            at: string;
            /** @description `admin_token`, `key:{key_id}` or `jwt:{sub}` */
            actor: string;
            /** @description What was done, `held.retry` */
            action: string;
            /** @description What it was done to, `held:evt_…` */
            target: string;
            /** @description What else there is to know of it; no secret */
            detail: {
                [key: string]: unknown;
            };
        };
        Balances: {
            /** @description Currency, then account, then balance: debit above zero; zero balances left out */
            balances: {
                [key: string]: {
                    [key: string]: number | string;
                };
            };
        };
        ContractEntry: {
            /** @description What happened, as the contracts name it: `commission.posted` */
            type: string;
            /** @description Its version */
            version: number;
            /**
             * @description How events of one subject stand to each other
             * @enum {string}
             */
            ordering: "strict" | "register" | "commutative" | "notice";
            /** @description The form of the subject's key */
            key: string;
            /** @description Where the contract is */
            href: string;
        };
        Discarded: {
            /** @description Names it among its kind */
            id: string;
            /**
             * @description How it stands
             * @constant
             */
            state: "discarded";
        };
        DistributorStatus: {
            /** @description The core's id of the distributor */
            distributor_id: string;
            /** @description Masked (`A. K.`). In full with `consistency=strong` for the roles distributor, finance, operator and admin */
            name: string | null;
            /** @description The one in force now; null before the enrolment */
            status: string | null;
            /** @description ISO 3166-1 alpha-2 */
            country?: string;
            /** @description Who brought the distributor in; null at the top */
            sponsor_id: string | null;
            /** @description Under whom in the placement tree; null at the top */
            placement_id: string | null;
            /** @description In which leg of its placement parent; binary trees only */
            leg: ("L" | "R") | null;
            /** @description When the distributor enrolled */
            joined_at: string | null;
            /** @description Of the latest period. An estimate where none was told, from the volumes of the running period; null where ranks depend on legs: see `progress` */
            ranks: {
                /** @description The rank at which the period is paid */
                pay_rank: string | number | null;
                /** @description The highest rank ever reached */
                career_rank: string | number | null;
                /** @description The plan's or the core's id of the period, `2026-07` */
                period_id: string;
                /** @description Null for an estimate */
                rev: string | null;
                /**
                 * @description core: told by the core; run: set by a run of the gateway's own
                 * @enum {string}
                 */
                source: "core" | "run" | "estimate";
            } | null;
            /** @description Points times 100, of the latest period. An estimate, counted from orders by the first plan with ranks, where the core told none of the running period */
            volumes: {
                /** @description The plan's or the core's id of the period, `2026-07` */
                period_id: string;
                /** @description Own volume in points, times 100 */
                pv_x100: number | null;
                /** @description Group volume in points, times 100 */
                gv_x100: number | null;
                /** @description As the core told them; null for an estimate */
                legs: unknown;
                /** @description Null for an estimate */
                rev: string | null;
                /**
                 * @description core: told by the core; estimate: counted here from orders
                 * @enum {string}
                 */
                source: "core" | "estimate";
            } | null;
            /** @description What the company owes the distributor, by currency and bucket: above zero it is owed. `available` below zero means that the distributor owes (a clawback larger than what was payable) */
            balances: {
                [key: string]: {
                    /** @description Not confirmed yet */
                    pending: {
                        /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                        amount_minor: number | string;
                        /** @description ISO 4217 */
                        currency: string;
                        /** @description The same amount in major units, as text */
                        amount: string;
                    };
                    /** @description Earned and not yet payable */
                    held: {
                        /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                        amount_minor: number | string;
                        /** @description ISO 4217 */
                        currency: string;
                        /** @description The same amount in major units, as text */
                        amount: string;
                    };
                    /** @description Payable now; below zero the distributor owes */
                    available: {
                        /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                        amount_minor: number | string;
                        /** @description ISO 4217 */
                        currency: string;
                        /** @description The same amount in major units, as text */
                        amount: string;
                    };
                    /** @description Paid out and not yet settled by the bank */
                    in_transit: {
                        /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                        amount_minor: number | string;
                        /** @description ISO 4217 */
                        currency: string;
                        /** @description The same amount in major units, as text */
                        amount: string;
                    };
                };
            };
            /** @description How many distributors this one sponsors; null where the mirror does not answer */
            frontline: number | null;
            /** @description How many entries of the distributor's log are in this answer */
            position: number;
            /** @description When the newest of them was recorded; now, where the object answered */
            as_of: string;
        };
        Event: {
            /** @description Ours: sorts by arrival */
            event_id: string;
            /** @description The sender's */
            id: string;
            /** @description Which of the tenant's sources it came from */
            source: string;
            /** @description What happened, as the contracts name it: `commission.posted` */
            type: string | null;
            /** @description What it is about and serialised by: `dist:1001` */
            key: string | null;
            /**
             * @description What became of it
             * @enum {string}
             */
            outcome: "applied" | "duplicate" | "conflict" | "parked" | "buffered" | "quarantined" | "rejected" | "dead";
            /** @description Stable and machine-readable: which case it is */
            code: string | null;
            /** @description The event that this one repeats or contradicts */
            of: string | null;
            /** @description Each broken rule */
            errors: {
                /** @description Where: a member's path, or a parameter's name */
                path: string;
                /** @description Stable and machine-readable: which rule it breaks */
                rule: string;
                /** @description A sentence for a person */
                message: string;
            }[];
            /** @description Its place in its subject's log */
            position: number | null;
            /** @description When it happened, as its sender says */
            occurred_at: string | null;
            /** @description RFC 3339, UTC, milliseconds */
            received_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
            /** @description Where the delivery is kept as it came */
            archive: {
                /** @description The object in R2; null while it is not archived */
                object: string | null;
                /** @description The HTTP request that it came with, `dlv_…` */
                delivery_id: string | null;
            };
        };
        EventDetail: {
            /** @description Ours: sorts by arrival */
            event_id: string;
            /** @description The sender's */
            id: string;
            /** @description Which of the tenant's sources it came from */
            source: string;
            /** @description What happened, as the contracts name it: `commission.posted` */
            type: string | null;
            /** @description What it is about and serialised by: `dist:1001` */
            key: string | null;
            /**
             * @description What became of it
             * @enum {string}
             */
            outcome: "applied" | "duplicate" | "conflict" | "parked" | "buffered" | "quarantined" | "rejected" | "dead";
            /** @description Stable and machine-readable: which case it is */
            code: string | null;
            /** @description The event that this one repeats or contradicts */
            of: string | null;
            /** @description Each broken rule */
            errors: {
                /** @description Where: a member's path, or a parameter's name */
                path: string;
                /** @description Stable and machine-readable: which rule it breaks */
                rule: string;
                /** @description A sentence for a person */
                message: string;
            }[];
            /** @description Its place in its subject's log */
            position: number | null;
            /** @description When it happened, as its sender says */
            occurred_at: string | null;
            /** @description RFC 3339, UTC, milliseconds */
            received_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
            /** @description Where the delivery is kept as it came */
            archive: {
                /** @description The object in R2; null while it is not archived */
                object: string | null;
                /** @description The HTTP request that it came with, `dlv_…` */
                delivery_id: string | null;
            };
            /** @description What the event changed */
            effects: {
                /** @description What was posted */
                transfers: {
                    /** @description Its place in the log of its subject */
                    position: number;
                    /** @description The posting rule, `P3` */
                    rule: string;
                    /** @description The account that is debited */
                    debit: string;
                    /** @description The account that is credited */
                    credit: string;
                    /** @description How much */
                    amount: {
                        /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                        amount_minor: number | string;
                        /** @description ISO 4217 */
                        currency: string;
                        /** @description The same amount in major units, as text */
                        amount: string;
                    };
                    /** @description The line or payout it is about */
                    reference: string;
                    /** @description Our id of the event: sorts by arrival */
                    event_id: string;
                    /** @description RFC 3339, UTC, milliseconds */
                    effective_at: string;
                    /** @description RFC 3339, UTC, milliseconds */
                    recorded_at: string;
                }[];
            };
        };
        Explanation: {
            /**
             * @description What would become of the delivery
             * @enum {string}
             */
            verdict: "accepted" | "refused" | "quarantined";
            /** @description Why */
            reason?: string;
            /** @description What was looked at, in order */
            steps: {
                /** @description What is done */
                step: string;
                /** @description Whether the delivery passed */
                ok: boolean;
                /** @description One sentence for a person */
                detail: string;
            }[];
            /** @description What the delivery would bring */
            events: {
                /** @description Names it among its kind */
                id: string;
                /** @description What happened, as the contracts name it: `commission.posted` */
                type?: string;
                /** @description What it is about and serialised by: `dist:1001` */
                key?: string;
                /** @description Its number in its subject's strict stream */
                seq?: number;
                /** @description Its revision: the highest is current */
                rev?: string;
                /** @description When it happened, as its sender says. RFC 3339, UTC, milliseconds */
                occurred_at?: string;
                /** @description Why the event would be quarantined */
                code?: string;
                /** @description Each broken rule */
                errors?: {
                    /** @description Where: a member's path, or a parameter's name */
                    path: string;
                    /** @description Stable and machine-readable: which rule it breaks */
                    rule: string;
                    /** @description A sentence for a person */
                    message: string;
                }[];
            }[];
        };
        Health: {
            /**
             * @description Answers at all only while it runs
             * @constant
             */
            status: "ok";
            /** @description The deployment that answers */
            version: string;
            /** @description `local`, `staging` or `production` */
            environment: string;
        };
        Held: {
            /** @description Our id of the event: what retry and discard name */
            id: string;
            /**
             * @description How it stands
             * @enum {string}
             */
            state: "parked" | "buffered" | "quarantined" | "conflict" | "dead";
            /** @description Our id of the event: sorts by arrival */
            event_id: string;
            /** @description Which of the tenant's sources it came from */
            source: string;
            /** @description What happened, as the contracts name it: `commission.posted` */
            type: string | null;
            /** @description What it is about and serialised by: `dist:1001` */
            key?: string;
            /** @description Stable and machine-readable: which case it is */
            code: string;
            /** @description Why */
            reason: string;
            /** @description RFC 3339, UTC, milliseconds */
            since: string;
        };
        Key: {
            /** @description The public part of the key */
            key_id: string;
            /** @description What the key begins with; none of a certificate */
            prefix?: string;
            /** @description Of a client certificate, in a key's stead */
            certificate_sha256?: string;
            /**
             * @description What the key may do: docs/access.md
             * @enum {string}
             */
            role: "distributor" | "support" | "finance" | "operator" | "auditor" | "admin";
            /** @description The distributor the key speaks for */
            subject?: string;
            /** @description What a person calls it */
            label?: string;
            /** @description The permissions that it is narrowed to; absent where its role has them all */
            scopes?: ("tenant:read" | "tenant:write" | "source:read" | "source:write" | "key:read" | "key:write" | "status:read" | "line:read" | "ledger:read" | "payout:read" | "break:read" | "break:write" | "event:read" | "held:read" | "held:write" | "pipeline:read" | "replay:read" | "replay:write" | "audit:read" | "plan:read" | "plan:write" | "run:read" | "run:write" | "report:read" | "record:read" | "message:read" | "tree:read" | "writeoff:write" | "link:write" | "tenant:delete" | "metrics:read" | "alert:read" | "destination:read" | "destination:write" | "delivery:read" | "delivery:write")[];
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
            /** @description When the key ends; never where absent. RFC 3339, UTC, milliseconds */
            expires_at?: string;
            /** @description Within an hour; absent before its first use */
            last_used_at?: string;
        };
        Line: {
            /** @description Names the commission line */
            line_id: string;
            /** @description The core's id of the distributor */
            distributor_id: string;
            /** @description The order it comes from */
            order_id: string | null;
            /** @description The code of the plan's component */
            component: string;
            /** @description The plan's level, after compression */
            level: number | null;
            /** @description Steps up the tree from the sale */
            depth: number | null;
            /** @description The share that was paid, in parts per million; null for a flat sum */
            rate_ppm: number | null;
            /** @description The amount in minor units of its currency */
            amount_minor: number;
            /** @description How much of it was taken back, in minor units */
            reversed_minor: number;
            /** @description ISO 4217 */
            currency: string;
            /**
             * @description Where the money stands
             * @enum {string}
             */
            state: "pending" | "held" | "available" | "superseded" | "void";
            /** @description The plan's or the core's id of the period, `2026-07` */
            period_id: string | null;
            /** @description RFC 3339, UTC, milliseconds */
            effective_at: string;
        };
        NewKey: {
            /** @description The public part of the key */
            key_id: string;
            /** @description What the key begins with; none of a certificate */
            prefix?: string;
            /** @description Of a client certificate, in a key's stead */
            certificate_sha256?: string;
            /**
             * @description What the key may do: docs/access.md
             * @enum {string}
             */
            role: "distributor" | "support" | "finance" | "operator" | "auditor" | "admin";
            /** @description The distributor the key speaks for */
            subject?: string;
            /** @description What a person calls it */
            label?: string;
            /** @description The permissions that it is narrowed to; absent where its role has them all */
            scopes?: ("tenant:read" | "tenant:write" | "source:read" | "source:write" | "key:read" | "key:write" | "status:read" | "line:read" | "ledger:read" | "payout:read" | "break:read" | "break:write" | "event:read" | "held:read" | "held:write" | "pipeline:read" | "replay:read" | "replay:write" | "audit:read" | "plan:read" | "plan:write" | "run:read" | "run:write" | "report:read" | "record:read" | "message:read" | "tree:read" | "writeoff:write" | "link:write" | "tenant:delete" | "metrics:read" | "alert:read" | "destination:read" | "destination:write" | "delivery:read" | "delivery:write")[];
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
            /** @description When the key ends; never where absent. RFC 3339, UTC, milliseconds */
            expires_at?: string;
            /** @description Within an hour; absent before its first use */
            last_used_at?: string;
            /** @description The key itself: shown this once. Absent where a certificate is the credential */
            key?: string;
        };
        NewLink: {
            /** @description The distributor's own page; the token stands behind `#` */
            url: string;
            /** @description Goes as a bearer token, too */
            token: string;
            /** @description When the key ends; never where absent. RFC 3339, UTC, milliseconds */
            expires_at: string;
            /** @description What it shows: no more than whoever made it may see */
            scopes: ("tenant:read" | "tenant:write" | "source:read" | "source:write" | "key:read" | "key:write" | "status:read" | "line:read" | "ledger:read" | "payout:read" | "break:read" | "break:write" | "event:read" | "held:read" | "held:write" | "pipeline:read" | "replay:read" | "replay:write" | "audit:read" | "plan:read" | "plan:write" | "run:read" | "run:write" | "report:read" | "record:read" | "message:read" | "tree:read" | "writeoff:write" | "link:write" | "tenant:delete" | "metrics:read" | "alert:read" | "destination:read" | "destination:write" | "delivery:read" | "delivery:write")[];
        };
        Pipeline: {
            /** @description Messages in the shard's queues and being consumed here */
            in_flight: number;
            /** @description Events that wait for somebody or something that is not known yet */
            parked: number;
            /** @description Events that wait for an earlier one of their stream */
            buffered: number;
            /** @description Objects that the last sweep found ahead of the mirror */
            unmirrored: number;
            /** @description Age of the queues' oldest message; 0 where there is none */
            oldest_ms: number;
            /** @description Every accepted event has an outcome and is mirrored, as far as the queue tells */
            idle: boolean;
        };
        Retrying: {
            /** @description Names it among its kind */
            id: string;
            /**
             * @description How it stands
             * @constant
             */
            state: "retrying";
        };
        Source: {
            /** @description The source's name */
            source: string;
            /** @description Which product posts: one of docs/senders */
            sender: string;
            /** @description What this sender asks for beyond its secret: its page in docs/senders */
            options: {
                [key: string]: unknown;
            };
            /** @description How a delivery proves where it comes from */
            auth: {
                /** @description One of the sender's schemes; its default where absent */
                scheme: string;
                /** @description The last four characters of each */
                secrets: string[];
                /** @description The address that the sender signs, where it is not the one of the request */
                url?: string;
            };
            /**
             * @description paused: what arrives is held and answered 202
             * @enum {string}
             */
            state: "active" | "paused";
            /** @description RFC 3339, UTC, milliseconds */
            paused_at?: string;
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            updated_at: string;
        };
        Tenant: {
            /** @description The tenant's name */
            tenant: string;
            /** @description What people call it */
            name: string;
            /**
             * @description mirror: the core decides what is paid; gateway_final: the gateway does
             * @enum {string}
             */
            mode: "mirror" | "gateway_final";
            /** @description ISO 4217 */
            currency: string;
            /**
             * @description Where the tenant's data stay; cannot change
             * @enum {string}
             */
            jurisdiction?: "eu" | "us";
            /** @description The system that owns the truth */
            core?: {
                /** @description Where the core's API is */
                url: string;
                /** @description Which of the tenant's sources it came from */
                source?: string;
            };
            /** @description Whose tokens are believed beside API keys, and what distributors see */
            access: {
                /** @description Whose signed tokens are believed */
                jwt?: {
                    /** @description `iss`, to the letter */
                    issuer: string;
                    /** @description `aud`; of several, one must be in the token */
                    audience: string | string[];
                    /** @description Where the keys are; or `jwks` */
                    jwks_url?: string;
                    /** @description The keys themselves; or `jwks_url` */
                    jwks?: {
                        /** @description JSON Web Keys (RFC 7517) */
                        keys: ({
                            /** @description Key type: RSA, EC or OKP */
                            kty: string;
                        } & {
                            [key: string]: unknown;
                        })[];
                    };
                    /** @description What a token may be signed with; absent, each of these */
                    algorithms?: ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA" | "Ed25519")[];
                    /**
                     * @description A role, or a list with one of them
                     * @default role
                     */
                    role_claim: string;
                    /** @description The roles a token can bring; absent, each but `admin` */
                    roles?: ("distributor" | "support" | "finance" | "operator" | "auditor" | "admin")[];
                    /**
                     * @description The distributor of role `distributor`
                     * @default sub
                     */
                    subject_claim: string;
                    /**
                     * @description How far the issuer's clock may be from ours, in seconds
                     * @default 30
                     */
                    clock_tolerance_s: number;
                    /** @description Beside `iss`, `aud`, `exp`, `nbf` and `sub` */
                    required_claims?: string[];
                    /** @description Since `iat`, which is required then */
                    max_token_age_s?: number;
                    /**
                     * @description `iat` stands for an `nbf` that is absent: some providers write none
                     * @default false
                     */
                    nbf_from_iat: boolean;
                };
                /** @description What a distributor sees of others */
                distributors?: {
                    /**
                     * @description Levels under itself; 0: nobody
                     * @default 0
                     */
                    downline_depth: number;
                    /** @description What is shown of each of them; absent, all of these */
                    downline_fields?: ("name" | "status" | "rank" | "joined_at")[];
                    /**
                     * @description Whether it sees who is above it
                     * @default false
                     */
                    upline: boolean;
                };
            };
            /** @description What the tenant may use up */
            quotas: {
                /** @description Accepted events in a day of UTC */
                events_per_day?: number;
                /** @description How many sources there may be */
                sources?: number;
                /** @description JSON Web Keys (RFC 7517) */
                keys?: number;
                /** @description Requests of its keys and tokens in a minute, at one Cloudflare location */
                requests_per_minute?: number;
            };
            /** @description RFC 3339, UTC, milliseconds */
            created_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            updated_at: string;
        };
        Transfer: {
            /** @description Its place in the log of its subject */
            position: number;
            /** @description The posting rule, `P3` */
            rule: string;
            /** @description The account that is debited */
            debit: string;
            /** @description The account that is credited */
            credit: string;
            /** @description How much */
            amount: {
                /** @description Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact */
                amount_minor: number | string;
                /** @description ISO 4217 */
                currency: string;
                /** @description The same amount in major units, as text */
                amount: string;
            };
            /** @description The line or payout it is about */
            reference: string;
            /** @description Our id of the event: sorts by arrival */
            event_id: string;
            /** @description RFC 3339, UTC, milliseconds */
            effective_at: string;
            /** @description RFC 3339, UTC, milliseconds */
            recorded_at: string;
        };
        /** @description One broken rule: where, which, and a sentence for a person */
        Violation: {
            /** @description Where: a member's path, or a parameter's name */
            path: string;
            /** @description Stable and machine-readable: which rule it breaks */
            rule: string;
            /** @description A sentence for a person */
            message: string;
        };
        Problem: {
            /** @description `urn:upline:problem:` and the code */
            type: string;
            /** @description Stable: what programs look at */
            code: string;
            /** @description The code, said for a person; the same for each of its kind */
            title: string;
            /** @description The HTTP status */
            status: number;
            /** @description What is wrong with this very request */
            detail?: string;
            /** @description Each field or parameter that is wrong */
            errors?: {
                /** @description Where: a member's path, or a parameter's name */
                path: string;
                /** @description Stable and machine-readable: which rule it breaks */
                rule: string;
                /** @description A sentence for a person */
                message: string;
            }[];
        };
    };
    responses: {
        /** @description `unauthentic`: The delivery is not authentic */
        unauthentic: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "unauthentic";
                };
            };
        };
        /** @description `not_found`: Not found */
        not_found: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "not_found";
                };
            };
        };
        /** @description `method_not_allowed`: The method is not allowed here */
        method_not_allowed: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "method_not_allowed";
                };
            };
        };
        /** @description `overloaded`: Overloaded, try again later */
        overloaded: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "Retry-After": components["headers"]["Retry-After"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "overloaded";
                };
            };
        };
        /** @description `malformed`: The body cannot be parsed */
        malformed: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "malformed";
                };
            };
        };
        /** @description `contract_violated`: The event breaks its contract */
        contract_violated: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "contract_violated";
                };
            };
        };
        /** @description `too_large`: The body is too large */
        too_large: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "too_large";
                };
            };
        };
        /** @description `headers_too_many`: The request has too many headers */
        headers_too_many: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "headers_too_many";
                };
            };
        };
        /** @description `unsupported_media_type`: The body has a media type or an encoding that is not taken here */
        unsupported_media_type: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "unsupported_media_type";
                };
            };
        };
        /** @description `quota_exceeded`: The tenant has had as many events today as it may have */
        quota_exceeded: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "Retry-After": components["headers"]["Retry-After"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "quota_exceeded";
                };
            };
        };
        /** @description `parameter_invalid`: A parameter is invalid */
        parameter_invalid: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "parameter_invalid";
                };
            };
        };
        /** @description `uri_too_long`: The address is too long */
        uri_too_long: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "uri_too_long";
                };
            };
        };
        /** @description `headers_too_large`: The request's headers are too large; `headers_too_many`: The request has too many headers */
        headers_too_large_or_headers_too_many: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "headers_too_large" | "headers_too_many";
                };
            };
        };
        /** @description `internal`: Something failed on our side */
        internal: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "internal";
                };
            };
        };
        /** @description `conflict`: This contradicts what is stored; `idempotency_in_progress`: A write with this Idempotency-Key is on its way; `idempotency_answer_lost`: This write was done before, and its answer was not kept */
        conflict_or_idempotency_answer_lost_or_idempotency_in_progress: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                /** @description Of `idempotency_in_progress` alone: seconds to wait before it is sent again */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "conflict" | "idempotency_in_progress" | "idempotency_answer_lost";
                };
            };
        };
        /** @description `parameter_invalid`: A parameter is invalid; `malformed`: The body cannot be parsed */
        malformed_or_parameter_invalid: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "parameter_invalid" | "malformed";
                };
            };
        };
        /** @description `unauthorized`: No valid credentials */
        unauthorized: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "unauthorized";
                };
            };
        };
        /** @description `forbidden`: The credentials do not allow this */
        forbidden: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "forbidden";
                };
            };
        };
        /** @description `rate_limited`: Too many requests */
        rate_limited: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "Retry-After": components["headers"]["Retry-After"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "rate_limited";
                };
            };
        };
        /** @description `idempotency_key_reused`: The Idempotency-Key was used for another write; `invalid`: The body is invalid */
        idempotency_key_reused_or_invalid: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "idempotency_key_reused" | "invalid";
                };
            };
        };
        /** @description `conflict`: This contradicts what is stored; `limit_reached`: The tenant has as many of these as it may have; `idempotency_in_progress`: A write with this Idempotency-Key is on its way; `idempotency_answer_lost`: This write was done before, and its answer was not kept */
        conflict_or_idempotency_answer_lost_or_idempotency_in_progress_or_limit_reached: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                /** @description Of `idempotency_in_progress` alone: seconds to wait before it is sent again */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "conflict" | "limit_reached" | "idempotency_in_progress" | "idempotency_answer_lost";
                };
            };
        };
        /** @description `idempotency_key_reused`: The Idempotency-Key was used for another write */
        idempotency_key_reused: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "idempotency_key_reused";
                };
            };
        };
        /** @description `idempotency_in_progress`: A write with this Idempotency-Key is on its way; `idempotency_answer_lost`: This write was done before, and its answer was not kept */
        idempotency_answer_lost_or_idempotency_in_progress: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                /** @description Of `idempotency_in_progress` alone: seconds to wait before it is sent again */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "idempotency_in_progress" | "idempotency_answer_lost";
                };
            };
        };
        /** @description `upgrade_required`: Only a WebSocket or an event stream is answered here */
        upgrade_required: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "upgrade_required";
                };
            };
        };
        /** @description `not_acceptable`: None of the media types that are given here is acceptable */
        not_acceptable: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "not_acceptable";
                };
            };
        };
        /** @description `conflict`: This contradicts what is stored */
        conflict: {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Server-Timing": components["headers"]["Server-Timing"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "conflict";
                };
            };
        };
    };
    parameters: {
        /** @description A `next_cursor` of this list, asked with the same filters */
        cursor: string;
        /** @description How many items at most */
        limit: number;
        /** @description Of an earlier answer, a write's among them: this one is no older */
        bookmark: string;
        /** @description An earlier `ETag`: 304 where nothing has changed */
        known: string;
        /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
        idempotency: string;
    };
    requestBodies: never;
    headers: {
        /** @description Names the request in our log: tell it whoever helps you */
        "Request-Id": string;
        /** @description How long it took, in milliseconds: `total;dur=12` */
        "Server-Timing": string;
        /** @description Of the body, weak where that tells when it was made: for `If-None-Match` */
        ETag: string;
        /** @description How far D1 was: a later read that brings it sees no less, after a write what was written. Where a distributor's object answered, how far that was as well: for later reads of the same status */
        "D1-Bookmark": string;
        /** @description The limits that it counted against: `"key";q=5000;w=10`, `w` in seconds */
        "RateLimit-Policy": string;
        /** @description What is left of each at most, and in how many seconds it begins anew: `"key";r=4990;t=7` */
        RateLimit: string;
        /** @description Seconds to wait before it is sent again */
        "Retry-After": number;
        /** @description `true`: the answer of the first request under this `Idempotency-Key` */
        "Idempotency-Replayed": string;
        /** @description Which credentials are taken */
        "WWW-Authenticate": string;
        /** @description A name for the file */
        "Content-Disposition": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    greet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example challenge-1f3a */
                    "text/plain": string;
                };
            };
            401: components["responses"]["unauthentic"];
            404: components["responses"]["not_found"];
            405: components["responses"]["method_not_allowed"];
            503: components["responses"]["overloaded"];
        };
    };
    ingest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "id": "msg_1",
                 *       "type": "commission.released",
                 *       "version": 1,
                 *       "occurred_at": "2026-07-01T10:00:00.000Z",
                 *       "key": "dist:1001",
                 *       "seq": 2,
                 *       "data": {
                 *         "line_id": "L1"
                 *       }
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": [
                     *         {
                     *           "id": "msg_1",
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70"
                     *         }
                     *       ],
                     *       "quarantined": []
                     *     }
                     */
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            400: components["responses"]["malformed"];
            401: components["responses"]["unauthentic"];
            404: components["responses"]["not_found"];
            405: components["responses"]["method_not_allowed"];
            413: components["responses"]["too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["contract_violated"];
            429: components["responses"]["quota_exceeded"];
            431: components["responses"]["headers_too_many"];
            503: components["responses"]["overloaded"];
        };
    };
    ingestByToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
                /**
                 * @description What a product proves itself by that can send it nowhere else
                 * @example 5f2c8e1b
                 */
                token: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "id": "msg_1",
                 *       "type": "commission.released",
                 *       "version": 1,
                 *       "occurred_at": "2026-07-01T10:00:00.000Z",
                 *       "key": "dist:1001",
                 *       "seq": 2,
                 *       "data": {
                 *         "line_id": "L1"
                 *       }
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": [
                     *         {
                     *           "id": "msg_1",
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70"
                     *         }
                     *       ],
                     *       "quarantined": []
                     *     }
                     */
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            400: components["responses"]["malformed"];
            401: components["responses"]["unauthentic"];
            404: components["responses"]["not_found"];
            405: components["responses"]["method_not_allowed"];
            413: components["responses"]["too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["contract_violated"];
            429: components["responses"]["quota_exceeded"];
            431: components["responses"]["headers_too_many"];
            503: components["responses"]["overloaded"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "version": "5f2c",
                     *       "environment": "production"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            414: components["responses"]["uri_too_long"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
        };
    };
    getTenant: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "name": "Acme",
                     *       "mode": "mirror",
                     *       "currency": "USD",
                     *       "core": {
                     *         "url": "https://core.example/api",
                     *         "source": "core"
                     *       },
                     *       "access": {
                     *         "distributors": {
                     *           "downline_depth": 3,
                     *           "upline": false
                     *         }
                     *       },
                     *       "quotas": {
                     *         "events_per_day": 1000000
                     *       },
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    putTenant: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Acme",
                 *       "mode": "mirror",
                 *       "currency": "USD"
                 *     }
                 */
                "application/json": {
                    /** @description What people call it */
                    name: string;
                    /**
                     * @description mirror: the core decides what is paid; gateway_final: the gateway does
                     * @enum {string}
                     */
                    mode: "mirror" | "gateway_final";
                    /** @description ISO 4217; cannot change */
                    currency: string;
                    /**
                     * @description Cannot change
                     * @enum {string}
                     */
                    jurisdiction?: "eu" | "us";
                    /** @description The system that owns the truth */
                    core?: {
                        /**
                         * Format: uri
                         * @description Where the core's API is: https and a host that can be reached from outside, but on one's own machine
                         */
                        url: string;
                        /** @description The `Authorization` that the core takes; never shown again */
                        auth?: string;
                        /** @description The source whose streams the core counts, where several speak our contract */
                        source?: string;
                    };
                    /** @description Whose tokens are believed beside API keys, and what distributors see */
                    access?: {
                        /** @description Whose signed tokens are believed */
                        jwt?: {
                            /** @description `iss`, to the letter */
                            issuer: string;
                            /** @description `aud`; of several, one must be in the token */
                            audience: string | string[];
                            /** @description Where the keys are; or `jwks` */
                            jwks_url?: string;
                            /** @description The keys themselves; or `jwks_url` */
                            jwks?: {
                                /** @description JSON Web Keys (RFC 7517) */
                                keys: ({
                                    /** @description Key type: RSA, EC or OKP */
                                    kty: string;
                                } & {
                                    [key: string]: unknown;
                                })[];
                            };
                            /** @description What a token may be signed with; absent, each of these */
                            algorithms?: ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA" | "Ed25519")[];
                            /**
                             * @description A role, or a list with one of them
                             * @default role
                             */
                            role_claim?: string;
                            /** @description The roles a token can bring; absent, each but `admin` */
                            roles?: ("distributor" | "support" | "finance" | "operator" | "auditor" | "admin")[];
                            /**
                             * @description The distributor of role `distributor`
                             * @default sub
                             */
                            subject_claim?: string;
                            /**
                             * @description How far the issuer's clock may be from ours, in seconds
                             * @default 30
                             */
                            clock_tolerance_s?: number;
                            /** @description Beside `iss`, `aud`, `exp`, `nbf` and `sub` */
                            required_claims?: string[];
                            /** @description Since `iat`, which is required then */
                            max_token_age_s?: number;
                            /**
                             * @description `iat` stands for an `nbf` that is absent: some providers write none
                             * @default false
                             */
                            nbf_from_iat?: boolean;
                        };
                        /** @description What a distributor sees of others */
                        distributors?: {
                            /**
                             * @description Levels under itself; 0: nobody
                             * @default 0
                             */
                            downline_depth?: number;
                            /** @description What is shown of each of them; absent, all of these */
                            downline_fields?: ("name" | "status" | "rank" | "joined_at")[];
                            /**
                             * @description Whether it sees who is above it
                             * @default false
                             */
                            upline?: boolean;
                        };
                    };
                    /** @description What the tenant may use up; changed by ADMIN_TOKEN alone */
                    quotas?: {
                        /** @description Accepted events in a day of UTC */
                        events_per_day?: number;
                        /** @description How many sources there may be */
                        sources?: number;
                        /** @description JSON Web Keys (RFC 7517) */
                        keys?: number;
                        /** @description Requests of its keys and tokens in a minute, at one Cloudflare location */
                        requests_per_minute?: number;
                    };
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "name": "Acme",
                     *       "mode": "mirror",
                     *       "currency": "USD",
                     *       "core": {
                     *         "url": "https://core.example/api",
                     *         "source": "core"
                     *       },
                     *       "access": {
                     *         "distributors": {
                     *           "downline_depth": 3,
                     *           "upline": false
                     *         }
                     *       },
                     *       "quotas": {
                     *         "events_per_day": 1000000
                     *       },
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "name": "Acme",
                     *       "mode": "mirror",
                     *       "currency": "USD",
                     *       "core": {
                     *         "url": "https://core.example/api",
                     *         "source": "core"
                     *       },
                     *       "access": {
                     *         "distributors": {
                     *           "downline_depth": 3,
                     *           "upline": false
                     *         }
                     *       },
                     *       "quotas": {
                     *         "events_per_day": 1000000
                     *       },
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    deleteTenant: {
        parameters: {
            query: {
                /** @description The tenant's name once more */
                confirm: string;
                /** @description Nothing is kept: the purge begins without anybody's word */
                skip_export?: "true" | "false";
                /** @description Deliveries as they came are opened into the export */
                include_raw?: "true" | "false";
            };
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "deletion_id": "del_0b2f3c4d-5e6f-4a1b-8c2d-3e4f5a6b7c8d",
                     *       "state": "exporting",
                     *       "step": "exported",
                     *       "skip_export": false,
                     *       "include_raw": false,
                     *       "requested_at": "2026-07-01T10:00:00.000Z",
                     *       "requested_by": "admin_token",
                     *       "parts": 31,
                     *       "export": null,
                     *       "confirmed_by": null,
                     *       "messages_dropped": 0,
                     *       "purged_at": null,
                     *       "proof": null
                     *     }
                     */
                    "application/json": components["schemas"]["Deletion"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listSources: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "source": "core",
                     *           "sender": "standard",
                     *           "options": {},
                     *           "auth": {
                     *             "scheme": "standard-webhooks-v1",
                     *             "secrets": [
                     *               "…ZjA="
                     *             ]
                     *           },
                     *           "state": "active",
                     *           "created_at": "2026-07-01T10:00:00.000Z",
                     *           "updated_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Source"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getSource: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "source": "core",
                     *       "sender": "standard",
                     *       "options": {},
                     *       "auth": {
                     *         "scheme": "standard-webhooks-v1",
                     *         "secrets": [
                     *           "…ZjA="
                     *         ]
                     *       },
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Source"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    putSource: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "sender": "standard",
                 *       "auth": {
                 *         "secrets": [
                 *           "whsec_MDEyMzQ1Njc4OWFiY2RlZg=="
                 *         ]
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @description Which product posts: one of docs/senders */
                    sender: string;
                    /** @description How a delivery proves where it comes from */
                    auth: {
                        /** @description One of the sender's schemes; its default where absent */
                        scheme?: string;
                        /** @description Each may sign; never shown again */
                        secrets: string[];
                        /** @description The address that the sender signs, where it is not the one of the request */
                        url?: string;
                    };
                    /** @description What this sender asks for beyond its secret: its page in docs/senders */
                    options?: unknown;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "source": "core",
                     *       "sender": "standard",
                     *       "options": {},
                     *       "auth": {
                     *         "scheme": "standard-webhooks-v1",
                     *         "secrets": [
                     *           "…ZjA="
                     *         ]
                     *       },
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Source"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "source": "core",
                     *       "sender": "standard",
                     *       "options": {},
                     *       "auth": {
                     *         "scheme": "standard-webhooks-v1",
                     *         "secrets": [
                     *           "…ZjA="
                     *         ]
                     *       },
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress_or_limit_reached"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    deleteSource: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    rotateSource: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZg==",
                 *       "keep": 1
                 *     }
                 */
                "application/json": {
                    /** @description The new secret; never shown again */
                    secret: string;
                    /**
                     * @description How many of the older secrets stay valid
                     * @default 1
                     */
                    keep?: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "source": "core",
                     *       "sender": "standard",
                     *       "options": {},
                     *       "auth": {
                     *         "scheme": "standard-webhooks-v1",
                     *         "secrets": [
                     *           "…ZjA="
                     *         ]
                     *       },
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    pauseSource: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "source": "core",
                     *       "sender": "standard",
                     *       "options": {},
                     *       "auth": {
                     *         "scheme": "standard-webhooks-v1",
                     *         "secrets": [
                     *           "…ZjA="
                     *         ]
                     *       },
                     *       "state": "paused",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z",
                     *       "paused_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    resumeSource: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "source": "core",
                     *       "sender": "standard",
                     *       "options": {},
                     *       "auth": {
                     *         "scheme": "standard-webhooks-v1",
                     *         "secrets": [
                     *           "…ZjA="
                     *         ]
                     *       },
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    explainDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "method": "POST",
                 *       "url": "https://gateway.example/in/acme/core",
                 *       "headers": {
                 *         "webhook-id": "msg_1"
                 *       },
                 *       "body": "{}",
                 *       "received_at": "2026-07-01T10:00:00.000Z"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The request's method
                     * @default POST
                     */
                    method?: string;
                    /**
                     * Format: uri
                     * @description The address that was called, whole
                     */
                    url: string;
                    /**
                     * @description Header names and values; several values of one name as an array
                     * @default {}
                     */
                    headers?: {
                        [key: string]: string | string[];
                    };
                    /** @description The client certificate of the captured request, as Cloudflare told of it */
                    certificate?: {
                        /** @description `1` where the client showed a certificate */
                        certPresented: string;
                        /** @description `SUCCESS`, or why the certificate does not hold */
                        certVerified: string;
                        /** @description `1` where the certificate is revoked */
                        certRevoked?: string;
                        /**
                         * @description SHA-256 of the certificate, hexadecimal
                         * @default
                         */
                        certFingerprintSHA256?: string;
                        /**
                         * @description Whom the certificate names
                         * @default
                         */
                        certSubjectDN?: string;
                        /**
                         * @description Who issued the certificate
                         * @default
                         */
                        certIssuerDN?: string;
                        /** @description Whom the certificate names, as RFC 2253 writes it */
                        certSubjectDNRFC2253?: string;
                        /** @description Who issued the certificate, as RFC 2253 writes it */
                        certIssuerDNRFC2253?: string;
                    } & {
                        [key: string]: unknown;
                    };
                    /** @description The request's body as text; it or `body_base64` */
                    body?: string;
                    /**
                     * Format: base64
                     * @description The request's body as base64; it or `body`
                     */
                    body_base64?: string;
                    /** @description When it arrived, by which its age is judged: RFC 3339, or Unix seconds as an integer; now if absent */
                    received_at?: number | string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "verdict": "refused",
                     *       "reason": "signature_missing",
                     *       "steps": [
                     *         {
                     *           "step": "method",
                     *           "ok": true,
                     *           "detail": "Got POST, takes POST"
                     *         }
                     *       ],
                     *       "events": []
                     *     }
                     */
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "key_id": "a1B2c3D4",
                     *           "prefix": "upl_a1B2c3D4",
                     *           "role": "distributor",
                     *           "subject": "1001",
                     *           "created_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Key"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "distributor",
                 *       "subject": "1001"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description What the key may do: docs/access.md
                     * @enum {string}
                     */
                    role: "distributor" | "support" | "finance" | "operator" | "auditor" | "admin";
                    /** @description Required for the role distributor alone */
                    subject?: string;
                    /** @description What a person calls it */
                    label?: string;
                    /**
                     * Format: date-time
                     * @description When the key ends; never where absent
                     */
                    expires_at?: string;
                    /** @description Narrows the key to some of its role's permissions */
                    scopes?: ("tenant:read" | "tenant:write" | "source:read" | "source:write" | "key:read" | "key:write" | "status:read" | "line:read" | "ledger:read" | "payout:read" | "break:read" | "break:write" | "event:read" | "held:read" | "held:write" | "pipeline:read" | "replay:read" | "replay:write" | "audit:read" | "plan:read" | "plan:write" | "run:read" | "run:write" | "report:read" | "record:read" | "message:read" | "tree:read" | "writeoff:write" | "link:write" | "tenant:delete" | "metrics:read" | "alert:read" | "destination:read" | "destination:write" | "delivery:read" | "delivery:write")[];
                    /** @description Fingerprint of a client certificate that is the credential; there is no key then */
                    certificate_sha256?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "key_id": "a1B2c3D4",
                     *       "prefix": "upl_a1B2c3D4",
                     *       "role": "distributor",
                     *       "subject": "1001",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "key": "upl_a1B2c3D4_0123456789abcdefghijABCDEFGHIJ0123456789"
                     *     }
                     */
                    "application/json": components["schemas"]["NewKey"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress_or_limit_reached"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The id of an API key
                 * @example a1B2c3D4
                 */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "audit_id": "0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "at": "2026-07-01T10:00:00.000Z",
                     *           "actor": "key:a1B2c3D4",
                     *           "action": "held.retry",
                     *           "target": "held:evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "detail": {
                     *             "state": "dead"
                     *           }
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["AuditEntry"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listDestinations: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "destination": "shop",
                     *           "kind": "webhook",
                     *           "url": "https://shop.example/hooks/upline",
                     *           "auth": {
                     *             "secrets": [
                     *               "…ZWY="
                     *             ]
                     *           },
                     *           "per_minute": 600,
                     *           "concurrency": 4,
                     *           "state": "active",
                     *           "created_at": "2026-07-01T10:00:00.000Z",
                     *           "updated_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Destination"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getDestination: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A destination's name
                 * @example shop
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "destination": "shop",
                     *       "kind": "webhook",
                     *       "url": "https://shop.example/hooks/upline",
                     *       "auth": {
                     *         "secrets": [
                     *           "…ZWY="
                     *         ]
                     *       },
                     *       "per_minute": 600,
                     *       "concurrency": 4,
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Destination"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    putDestination: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A destination's name
                 * @example shop
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://shop.example/hooks/upline"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description How it is told: `webhook`
                     * @default webhook
                     */
                    kind?: string;
                    /** @description Where it is told: https and a host that can be reached from outside, but on one's own machine; no fragment */
                    url: string;
                    /** @description Where absent, the secrets that there are stay; a new destination is given one */
                    auth?: {
                        /** @description Each signs, the newest first; never shown again */
                        secrets: string[];
                    };
                    /**
                     * @description How many attempts in a minute
                     * @default 600
                     */
                    per_minute?: number;
                    /**
                     * @description How many attempts at once
                     * @default 4
                     */
                    concurrency?: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "destination": "shop",
                     *       "kind": "webhook",
                     *       "url": "https://shop.example/hooks/upline",
                     *       "auth": {
                     *         "secrets": [
                     *           "…ZWY="
                     *         ]
                     *       },
                     *       "per_minute": 600,
                     *       "concurrency": 4,
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z",
                     *       "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
                     *     }
                     */
                    "application/json": components["schemas"]["SavedDestination"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "destination": "shop",
                     *       "kind": "webhook",
                     *       "url": "https://shop.example/hooks/upline",
                     *       "auth": {
                     *         "secrets": [
                     *           "…ZWY="
                     *         ]
                     *       },
                     *       "per_minute": 600,
                     *       "concurrency": 4,
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z",
                     *       "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
                     *     }
                     */
                    "application/json": components["schemas"]["SavedDestination"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress_or_limit_reached"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    deleteDestination: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A destination's name
                 * @example shop
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    rotateDestination: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A destination's name
                 * @example shop
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "keep": 1
                 *     }
                 */
                "application/json": {
                    /** @description Where absent, one is made, and shown in this answer */
                    secret?: string;
                    /**
                     * @description How many of the older secrets stay valid
                     * @default 1
                     */
                    keep?: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "destination": "shop",
                     *       "kind": "webhook",
                     *       "url": "https://shop.example/hooks/upline",
                     *       "auth": {
                     *         "secrets": [
                     *           "…ZWY=",
                     *           "…M2U="
                     *         ]
                     *       },
                     *       "per_minute": 600,
                     *       "concurrency": 4,
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z",
                     *       "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
                     *     }
                     */
                    "application/json": components["schemas"]["SavedDestination"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    pauseDestination: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A destination's name
                 * @example shop
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "destination": "shop",
                     *       "kind": "webhook",
                     *       "url": "https://shop.example/hooks/upline",
                     *       "auth": {
                     *         "secrets": [
                     *           "…ZWY="
                     *         ]
                     *       },
                     *       "per_minute": 600,
                     *       "concurrency": 4,
                     *       "state": "paused",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z",
                     *       "paused_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Destination"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    resumeDestination: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A destination's name
                 * @example shop
                 */
                destination: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "destination": "shop",
                     *       "kind": "webhook",
                     *       "url": "https://shop.example/hooks/upline",
                     *       "auth": {
                     *         "secrets": [
                     *           "…ZWY="
                     *         ]
                     *       },
                     *       "per_minute": 600,
                     *       "concurrency": 4,
                     *       "state": "active",
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Destination"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listSubscriptions: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "subscription": "shop-payments",
                     *           "destination": "shop",
                     *           "types": [
                     *             "payment.*",
                     *             "message.rank_changed"
                     *           ],
                     *           "except_sources": [
                     *             "shop"
                     *           ],
                     *           "created_at": "2026-07-01T10:00:00.000Z",
                     *           "updated_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Subscription"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A subscription's name
                 * @example shop-payments
                 */
                subscription: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "subscription": "shop-payments",
                     *       "destination": "shop",
                     *       "types": [
                     *         "payment.*",
                     *         "message.rank_changed"
                     *       ],
                     *       "except_sources": [
                     *         "shop"
                     *       ],
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    putSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A subscription's name
                 * @example shop-payments
                 */
                subscription: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "destination": "shop",
                 *       "types": [
                 *         "payment.*"
                 *       ],
                 *       "except_sources": [
                 *         "shop"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description The destination that is told */
                    destination: string;
                    /** @description What it is told of: types, groups of them (`payment.*`), or all (`*`) */
                    types: ("*" | "distributor.*" | "customer.*" | "lead.*" | "order.*" | "payment.*" | "refund.*" | "chargeback.*" | "volume.*" | "commission.*" | "adjustment.*" | "rank.*" | "period.*" | "payout.*" | "inventory.*" | "ticket.*" | "autoship.*" | "crm.*" | "cdc.*" | "subject.*" | "recon.*" | "message.*" | "distributor.enrolled" | "distributor.status_changed" | "distributor.moved" | "customer.linked" | "lead.upserted" | "order.placed" | "order.cancelled" | "payment.confirmed" | "payment.failed" | "refund.completed" | "refund.failed" | "chargeback.opened" | "chargeback.closed" | "volume.snapshot" | "commission.posted" | "commission.reversed" | "commission.released" | "adjustment.posted" | "rank.changed" | "period.closed" | "payout.initiated" | "payout.settled" | "payout.failed" | "inventory.adjusted" | "ticket.upserted" | "autoship.changed" | "crm.field_changed" | "cdc.row" | "cdc.gap" | "subject.erased" | "recon.correction" | "message.payment_confirmed" | "message.rank_changed")[];
                    /** @description What these sources told, and nothing else */
                    sources?: string[];
                    /** @description Not what these sources told: whoever told it need not hear of it */
                    except_sources?: string[];
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "subscription": "shop-payments",
                     *       "destination": "shop",
                     *       "types": [
                     *         "payment.*",
                     *         "message.rank_changed"
                     *       ],
                     *       "except_sources": [
                     *         "shop"
                     *       ],
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "subscription": "shop-payments",
                     *       "destination": "shop",
                     *       "types": [
                     *         "payment.*",
                     *         "message.rank_changed"
                     *       ],
                     *       "except_sources": [
                     *         "shop"
                     *       ],
                     *       "created_at": "2026-07-01T10:00:00.000Z",
                     *       "updated_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress_or_limit_reached"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    deleteSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A subscription's name
                 * @example shop-payments
                 */
                subscription: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description pending: tried until it is delivered or dead, which only a person changes */
                state?: "pending" | "delivered" | "dead" | "cancelled";
                /** @description The destination that is told */
                destination?: string;
                /** @description Our id of the event: sorts by arrival */
                event_id?: string;
                /** @description What happened, as the contracts name it: `commission.posted` */
                type?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "delivery_id": "out_0198c5a0-3fe8-7a1b-8c2d-3e4f5a6b7c8d",
                     *           "destination": "shop",
                     *           "subscription": "shop-payments",
                     *           "type": "payment.confirmed",
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "subject": "order:O-77",
                     *           "state": "dead",
                     *           "attempts": 10,
                     *           "last_attempt": {
                     *             "at": "2026-07-04T14:02:11.000Z",
                     *             "took_ms": 204,
                     *             "status": 500,
                     *             "error": "The answer has status 500"
                     *           },
                     *           "created_at": "2026-07-01T10:00:01.000Z",
                     *           "ended_at": "2026-07-04T14:02:11.204Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Delivery"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description Our id of what is sent to a destination, `out_…`
                 * @example out_0198c5a0-3fe8-7a1b-8c2d-3e4f5a6b7c8d
                 */
                delivery: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "delivery_id": "out_0198c5a0-3fe8-7a1b-8c2d-3e4f5a6b7c8d",
                     *       "destination": "shop",
                     *       "subscription": "shop-payments",
                     *       "type": "payment.confirmed",
                     *       "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "subject": "order:O-77",
                     *       "state": "dead",
                     *       "attempts": 10,
                     *       "last_attempt": {
                     *         "at": "2026-07-04T14:02:11.000Z",
                     *         "took_ms": 204,
                     *         "status": 500,
                     *         "error": "The answer has status 500"
                     *       },
                     *       "created_at": "2026-07-01T10:00:01.000Z",
                     *       "ended_at": "2026-07-04T14:02:11.204Z",
                     *       "attempts_made": [
                     *         {
                     *           "at": "2026-07-04T14:02:11.000Z",
                     *           "took_ms": 204,
                     *           "status": 500,
                     *           "error": "The answer has status 500"
                     *         }
                     *       ],
                     *       "body": {
                     *         "type": "payment.confirmed",
                     *         "timestamp": "2026-07-01T10:00:00.000Z",
                     *         "data": {
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "id": "pay-77",
                     *           "source": "core",
                     *           "subject": "order:O-77",
                     *           "position": 2,
                     *           "occurred_at": "2026-07-01T10:00:00.000Z",
                     *           "received_at": "2026-07-01T10:00:00.500Z",
                     *           "recorded_at": "2026-07-01T10:00:01.000Z"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveryDetail"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    retryDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description Our id of what is sent to a destination, `out_…`
                 * @example out_0198c5a0-3fe8-7a1b-8c2d-3e4f5a6b7c8d
                 */
                delivery: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "delivery_id": "out_0198c5a0-3fe8-7a1b-8c2d-3e4f5a6b7c8d",
                     *       "destination": "shop",
                     *       "subscription": "shop-payments",
                     *       "type": "payment.confirmed",
                     *       "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "subject": "order:O-77",
                     *       "state": "pending",
                     *       "attempts": 10,
                     *       "last_attempt": {
                     *         "at": "2026-07-04T14:02:11.000Z",
                     *         "took_ms": 204,
                     *         "status": 500,
                     *         "error": "The answer has status 500"
                     *       },
                     *       "created_at": "2026-07-01T10:00:01.000Z",
                     *       "next_attempt_at": "2026-07-05T08:00:00.000Z",
                     *       "attempts_made": [
                     *         {
                     *           "at": "2026-07-04T14:02:11.000Z",
                     *           "took_ms": 204,
                     *           "status": 500,
                     *           "error": "The answer has status 500"
                     *         }
                     *       ],
                     *       "body": {
                     *         "type": "payment.confirmed",
                     *         "timestamp": "2026-07-01T10:00:00.000Z",
                     *         "data": {
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "id": "pay-77",
                     *           "source": "core",
                     *           "subject": "order:O-77",
                     *           "position": 2,
                     *           "occurred_at": "2026-07-01T10:00:00.000Z",
                     *           "received_at": "2026-07-01T10:00:00.500Z",
                     *           "recorded_at": "2026-07-01T10:00:01.000Z"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveryDetail"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getDeletion: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "deletion_id": "del_0b2f3c4d-5e6f-4a1b-8c2d-3e4f5a6b7c8d",
                     *       "state": "exported",
                     *       "step": "exported",
                     *       "skip_export": false,
                     *       "include_raw": false,
                     *       "requested_at": "2026-07-01T10:00:00.000Z",
                     *       "requested_by": "admin_token",
                     *       "parts": 31,
                     *       "export": {
                     *         "parts": 31,
                     *         "rows": 10214,
                     *         "bytes": 4021113,
                     *         "manifest_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "made_at": "2026-07-01T10:00:00.000Z"
                     *       },
                     *       "confirmed_by": null,
                     *       "messages_dropped": 0,
                     *       "purged_at": null,
                     *       "proof": null
                     *     }
                     */
                    "application/json": components["schemas"]["Deletion"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getDeletionManifest: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "deletion_id": "del_0b2f3c4d-5e6f-4a1b-8c2d-3e4f5a6b7c8d",
                     *       "made_at": "2026-07-01T10:00:00.000Z",
                     *       "parts": [
                     *         {
                     *           "n": 1,
                     *           "name": "tables/held",
                     *           "rows": 2,
                     *           "bytes": 812,
                     *           "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["DeletionManifest"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getDeletionPart: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A part's number, from 1
                 * @example 1
                 */
                n: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70"
                     *     }
                     */
                    "application/x-ndjson": Record<string, never>;
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    confirmDeletion: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "manifest_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                 *     }
                 */
                "application/json": {
                    /** @description Of the manifest that was fetched: whoever has it has checked the parts */
                    manifest_sha256: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": "acme",
                     *       "deletion_id": "del_0b2f3c4d-5e6f-4a1b-8c2d-3e4f5a6b7c8d",
                     *       "state": "exported",
                     *       "step": "exported",
                     *       "skip_export": false,
                     *       "include_raw": false,
                     *       "requested_at": "2026-07-01T10:00:00.000Z",
                     *       "requested_by": "admin_token",
                     *       "parts": 31,
                     *       "export": {
                     *         "parts": 31,
                     *         "rows": 10214,
                     *         "bytes": 4021113,
                     *         "manifest_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "made_at": "2026-07-01T10:00:00.000Z"
                     *       },
                     *       "confirmed_by": "admin_token",
                     *       "messages_dropped": 0,
                     *       "purged_at": null,
                     *       "proof": null
                     *     }
                     */
                    "application/json": components["schemas"]["Deletion"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    cancelDeletion: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getDistributor: {
        parameters: {
            query?: {
                /** @description `strong` asks the distributor's own object, past the mirror */
                consistency?: "strong";
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "distributor_id": "1001",
                     *       "name": "A. K.",
                     *       "status": "active",
                     *       "country": "DE",
                     *       "sponsor_id": "1000",
                     *       "placement_id": "1000",
                     *       "leg": "L",
                     *       "joined_at": "2026-07-01T10:00:00.000Z",
                     *       "ranks": {
                     *         "pay_rank": "gold",
                     *         "career_rank": "ruby",
                     *         "period_id": "2026-07",
                     *         "rev": "7",
                     *         "source": "core"
                     *       },
                     *       "volumes": {
                     *         "period_id": "2026-07",
                     *         "pv_x100": 12000,
                     *         "gv_x100": 90000,
                     *         "legs": [],
                     *         "rev": "3",
                     *         "source": "core"
                     *       },
                     *       "balances": {
                     *         "USD": {
                     *           "pending": {
                     *             "amount_minor": 0,
                     *             "currency": "USD",
                     *             "amount": "0.00"
                     *           },
                     *           "held": {
                     *             "amount_minor": 400,
                     *             "currency": "USD",
                     *             "amount": "4.00"
                     *           },
                     *           "available": {
                     *             "amount_minor": -250,
                     *             "currency": "USD",
                     *             "amount": "-2.50"
                     *           },
                     *           "in_transit": {
                     *             "amount_minor": 0,
                     *             "currency": "USD",
                     *             "amount": "0.00"
                     *           }
                     *         }
                     *       },
                     *       "frontline": 3,
                     *       "position": 12,
                     *       "as_of": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["DistributorStatus"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listTransfers: {
        parameters: {
            query?: {
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                as_of?: string;
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                known_at?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "position": 3,
                     *           "rule": "P3",
                     *           "debit": "exp:commission",
                     *           "credit": "dist:1001:held",
                     *           "amount": {
                     *             "amount_minor": 400,
                     *             "currency": "USD",
                     *             "amount": "4.00"
                     *           },
                     *           "reference": "L1",
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "effective_at": "2026-07-01T10:00:00.000Z",
                     *           "recorded_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Transfer"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listLines: {
        parameters: {
            query?: {
                /** @description Lines in this state alone */
                state?: "pending" | "held" | "available" | "superseded" | "void";
                /** @description The plan's or the core's id of the period, `2026-07` */
                period_id?: string;
                /** @description The order it comes from */
                order_id?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "line_id": "O1:unilevel:1:1001",
                     *           "distributor_id": "1001",
                     *           "order_id": "O1",
                     *           "component": "unilevel",
                     *           "level": 1,
                     *           "depth": 1,
                     *           "rate_ppm": 50000,
                     *           "amount_minor": 400,
                     *           "reversed_minor": 0,
                     *           "currency": "USD",
                     *           "state": "held",
                     *           "period_id": "2026-07",
                     *           "effective_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Line"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listOrderLines: {
        parameters: {
            query: {
                /** @description The order it comes from */
                order_id: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "line_id": "O1:unilevel:1:1001",
                     *           "distributor_id": "1001",
                     *           "order_id": "O1",
                     *           "component": "unilevel",
                     *           "level": 1,
                     *           "depth": 1,
                     *           "rate_ppm": 50000,
                     *           "amount_minor": 400,
                     *           "reversed_minor": 0,
                     *           "currency": "USD",
                     *           "state": "held",
                     *           "period_id": "2026-07",
                     *           "effective_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Line"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getBalances: {
        parameters: {
            query?: {
                /** @description Accounts that begin with this: `dist:1001:` */
                prefix?: string;
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                as_of?: string;
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                known_at?: string;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "balances": {
                     *         "USD": {
                     *           "cash:psp": 26672,
                     *           "dist:1001:held": -400
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Balances"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    searchEvents: {
        parameters: {
            query?: {
                /** @description Events of this source alone */
                source?: string;
                /** @description Events that their sender gave this id */
                id?: string;
                /** @description Events of this type alone */
                type?: string;
                /** @description Events about this subject alone: `dist:1001` */
                subject?: string;
                /** @description Events of this outcome alone */
                outcome?: "applied" | "duplicate" | "conflict" | "parked" | "buffered" | "quarantined" | "rejected" | "dead";
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "id": "msg_1",
                     *           "source": "core",
                     *           "type": "commission.posted",
                     *           "key": "dist:1001",
                     *           "outcome": "applied",
                     *           "code": null,
                     *           "of": null,
                     *           "errors": [],
                     *           "position": 3,
                     *           "occurred_at": "2026-07-01T10:00:00.000Z",
                     *           "received_at": "2026-07-01T10:00:00.000Z",
                     *           "recorded_at": "2026-07-01T10:00:00.000Z",
                     *           "archive": {
                     *             "object": "tenant=acme/date=2026-07-01/hour=10/1.ndjson",
                     *             "delivery_id": "dlv_1"
                     *           }
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Event"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getEvent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description Our id of an event, `evt_…`
                 * @example evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70
                 */
                event: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "id": "msg_1",
                     *       "source": "core",
                     *       "type": "commission.posted",
                     *       "key": "dist:1001",
                     *       "outcome": "applied",
                     *       "code": null,
                     *       "of": null,
                     *       "errors": [],
                     *       "position": 3,
                     *       "occurred_at": "2026-07-01T10:00:00.000Z",
                     *       "received_at": "2026-07-01T10:00:00.000Z",
                     *       "recorded_at": "2026-07-01T10:00:00.000Z",
                     *       "archive": {
                     *         "object": "tenant=acme/date=2026-07-01/hour=10/1.ndjson",
                     *         "delivery_id": "dlv_1"
                     *       },
                     *       "effects": {
                     *         "transfers": [
                     *           {
                     *             "position": 3,
                     *             "rule": "P3",
                     *             "debit": "exp:commission",
                     *             "credit": "dist:1001:held",
                     *             "amount": {
                     *               "amount_minor": 400,
                     *               "currency": "USD",
                     *               "amount": "4.00"
                     *             },
                     *             "reference": "L1",
                     *             "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *             "effective_at": "2026-07-01T10:00:00.000Z",
                     *             "recorded_at": "2026-07-01T10:00:00.000Z"
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["EventDetail"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    followDistributor: {
        parameters: {
            query?: {
                /** @description The `id` of the last message, where the header `Last-Event-ID` does not say it */
                last_event_id?: string;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: status
                     *     id: 12-9f86d081
                     *     data: {"type":"status","id":"12-9f86d081","position":12,"status":{"distributor_id":"1001","status":"active"}}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            426: components["responses"]["upgrade_required"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listHeld: {
        parameters: {
            query?: {
                /** @description Events in this state alone */
                state?: "parked" | "buffered" | "quarantined" | "conflict" | "dead";
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "state": "quarantined",
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "source": "core",
                     *           "type": "commission.posted",
                     *           "key": "dist:1001",
                     *           "code": "currency_mismatch",
                     *           "reason": "The line is in another currency",
                     *           "since": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Held"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    retryHeld: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description Our id of an event, `evt_…`
                 * @example evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70
                 */
                event: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "state": "retrying"
                     *     }
                     */
                    "application/json": components["schemas"]["Retrying"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    discardHeld: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description Our id of an event, `evt_…`
                 * @example evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70
                 */
                event: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "state": "discarded"
                     *     }
                     */
                    "application/json": components["schemas"]["Discarded"];
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getPipeline: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "in_flight": 0,
                     *       "parked": 0,
                     *       "buffered": 2,
                     *       "unmirrored": 0,
                     *       "oldest_ms": 0,
                     *       "idle": true
                     *     }
                     */
                    "application/json": components["schemas"]["Pipeline"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listContracts: {
        parameters: {
            query?: never;
            header?: {
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "type": "commission.posted",
                     *           "version": 1,
                     *           "ordering": "strict",
                     *           "key": "dist:{distributor_id}",
                     *           "href": "/v1/contracts/commission.posted/1"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["ContractEntry"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            414: components["responses"]["uri_too_long"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
        };
    };
    getContract: {
        parameters: {
            query?: never;
            header?: {
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A type of event, `commission.posted`
                 * @example commission.posted
                 */
                type: string;
                /**
                 * @description A version of its contract
                 * @example 1
                 */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "$schema": "https://json-schema.org/draft/2020-12/schema",
                     *       "title": "commission.released",
                     *       "x-ordering": "strict",
                     *       "x-key": "dist:{distributor_id}"
                     *     }
                     */
                    "application/json": Record<string, never>;
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
        };
    };
    listAlerts: {
        parameters: {
            query?: {
                /** @description What is the matter */
                kind?: "break" | "conflict" | "core_unreachable" | "dead" | "delivery_dead" | "destination_failing" | "frozen" | "gap" | "limit_reached" | "low_stock" | "negative_balance" | "poll_failing" | "quarantined" | "quota_reached" | "rebuild_failed" | "reconciliation_failed" | "replay_failed" | "run_failed" | "slo_burning" | "source_paused";
                /** @description info: to be known; ticket: for somebody to look at; page: now */
                severity?: "info" | "ticket" | "page";
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "alert_id": "break:AMOUNT:1001:L-77:9f86d081884c7d65",
                     *           "kind": "break",
                     *           "severity": "page",
                     *           "subject": "dist:1001",
                     *           "since": "2026-07-01T10:00:00.000Z",
                     *           "detail": "AMOUNT of L-77 (above_limit)",
                     *           "href": "/v1/tenants/acme/breaks/AMOUNT%3A1001%3AL-77%3A9f86d081884c7d65"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Alert"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getMetrics: {
        parameters: {
            query?: {
                /** @description Tenants behind this name: the last one of a page that leaves some out */
                after?: string;
                /** @description How many tenants at most; absent: 100 */
                limit?: number;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Content-Disposition": components["headers"]["Content-Disposition"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # HELP upline_held_events Events that wait
                     *     # TYPE upline_held_events gauge
                     */
                    "text/plain": string;
                    /**
                     * @example # TYPE upline_held_events gauge
                     *     # HELP upline_held_events Events that wait
                     *     upline_held_events{tenant="acme",state="dead"} 0
                     *     # EOF
                     */
                    "application/openmetrics-text": string;
                };
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            406: components["responses"]["not_acceptable"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getSla: {
        parameters: {
            query?: {
                /** @description Beginning of the range, taken back to the full hour: RFC 3339 date-time, or a date, which means its midnight in UTC; at most 31 days ago; absent: 30 days before `to` */
                from?: string;
                /** @description End of the range, not in it, put off to the full hour: RFC 3339 date-time, or a date; absent: now */
                to?: string;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "as_of": "2026-07-01T10:00:00.000Z",
                     *       "from": "2026-06-01T10:00:00.000Z",
                     *       "to": "2026-07-01T11:00:00.000Z",
                     *       "objectives": [
                     *         {
                     *           "within_ms": 5000,
                     *           "target_ppm": 950000,
                     *           "total": 120000,
                     *           "good": 118800,
                     *           "bad": 1200,
                     *           "share_ppm": 990000,
                     *           "budget_left_ppm": 800000
                     *         },
                     *         {
                     *           "within_ms": 30000,
                     *           "target_ppm": 990000,
                     *           "total": 120000,
                     *           "good": 119940,
                     *           "bad": 60,
                     *           "share_ppm": 999500,
                     *           "budget_left_ppm": 950000
                     *         }
                     *       ],
                     *       "stages": {
                     *         "producer": {
                     *           "count": 120000,
                     *           "p50_ms": 385,
                     *           "p95_ms": 385,
                     *           "p99_ms": 385,
                     *           "max_ms": 385
                     *         },
                     *         "queue": {
                     *           "count": 119700,
                     *           "p50_ms": 116,
                     *           "p95_ms": 116,
                     *           "p99_ms": 116,
                     *           "max_ms": 116
                     *         },
                     *         "apply": {
                     *           "count": 119700,
                     *           "p50_ms": 52,
                     *           "p95_ms": 52,
                     *           "p99_ms": 52,
                     *           "max_ms": 52
                     *         },
                     *         "mirror": {
                     *           "count": 120000,
                     *           "p50_ms": 35,
                     *           "p95_ms": 35,
                     *           "p99_ms": 35,
                     *           "max_ms": 35
                     *         },
                     *         "visible": {
                     *           "count": 120000,
                     *           "p50_ms": 315,
                     *           "p95_ms": 315,
                     *           "p99_ms": 315,
                     *           "max_ms": 315
                     *         }
                     *       },
                     *       "waited": {
                     *         "lines": 300,
                     *         "within": [
                     *           {
                     *             "within_ms": 5000,
                     *             "good": 20,
                     *             "bad": 280
                     *           },
                     *           {
                     *             "within_ms": 30000,
                     *             "good": 250,
                     *             "bad": 50
                     *           }
                     *         ]
                     *       },
                     *       "aside": {
                     *         "lines": 4200
                     *       },
                     *       "burn": [
                     *         {
                     *           "within_ms": 5000,
                     *           "target_ppm": 950000,
                     *           "rule": "page_1h",
                     *           "severity": "page",
                     *           "threshold_ppm": 14400000,
                     *           "long": {
                     *             "window_ms": 3600000,
                     *             "total": 1200,
                     *             "bad": 20,
                     *             "burn_ppm": 333333
                     *           },
                     *           "short": {
                     *             "window_ms": 300000,
                     *             "total": 110,
                     *             "bad": 2,
                     *             "burn_ppm": 363636
                     *           },
                     *           "firing": false
                     *         },
                     *         {
                     *           "within_ms": 5000,
                     *           "target_ppm": 950000,
                     *           "rule": "page_6h",
                     *           "severity": "page",
                     *           "threshold_ppm": 6000000,
                     *           "long": {
                     *             "window_ms": 21600000,
                     *             "total": 110,
                     *             "bad": 2,
                     *             "burn_ppm": 363636
                     *           },
                     *           "short": {
                     *             "window_ms": 1800000,
                     *             "total": 110,
                     *             "bad": 2,
                     *             "burn_ppm": 363636
                     *           },
                     *           "firing": false
                     *         },
                     *         {
                     *           "within_ms": 5000,
                     *           "target_ppm": 950000,
                     *           "rule": "ticket_3d",
                     *           "severity": "ticket",
                     *           "threshold_ppm": 1000000,
                     *           "long": {
                     *             "window_ms": 259200000,
                     *             "total": 1200,
                     *             "bad": 20,
                     *             "burn_ppm": 333333
                     *           },
                     *           "short": {
                     *             "window_ms": 21600000,
                     *             "total": 110,
                     *             "bad": 2,
                     *             "burn_ppm": 363636
                     *           },
                     *           "firing": false
                     *         },
                     *         {
                     *           "within_ms": 30000,
                     *           "target_ppm": 990000,
                     *           "rule": "page_1h",
                     *           "severity": "page",
                     *           "threshold_ppm": 14400000,
                     *           "long": {
                     *             "window_ms": 3600000,
                     *             "total": 1200,
                     *             "bad": 1,
                     *             "burn_ppm": 83333
                     *           },
                     *           "short": {
                     *             "window_ms": 300000,
                     *             "total": 110,
                     *             "bad": 0,
                     *             "burn_ppm": 0
                     *           },
                     *           "firing": false
                     *         },
                     *         {
                     *           "within_ms": 30000,
                     *           "target_ppm": 990000,
                     *           "rule": "page_6h",
                     *           "severity": "page",
                     *           "threshold_ppm": 6000000,
                     *           "long": {
                     *             "window_ms": 21600000,
                     *             "total": 110,
                     *             "bad": 0,
                     *             "burn_ppm": 0
                     *           },
                     *           "short": {
                     *             "window_ms": 1800000,
                     *             "total": 110,
                     *             "bad": 0,
                     *             "burn_ppm": 0
                     *           },
                     *           "firing": false
                     *         },
                     *         {
                     *           "within_ms": 30000,
                     *           "target_ppm": 990000,
                     *           "rule": "ticket_3d",
                     *           "severity": "ticket",
                     *           "threshold_ppm": 1000000,
                     *           "long": {
                     *             "window_ms": 259200000,
                     *             "total": 1200,
                     *             "bad": 1,
                     *             "burn_ppm": 83333
                     *           },
                     *           "short": {
                     *             "window_ms": 21600000,
                     *             "total": 110,
                     *             "bad": 0,
                     *             "burn_ppm": 0
                     *           },
                     *           "firing": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Sla"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listReconciliations: {
        parameters: {
            query?: {
                /** @description What was compared */
                kind?: "window" | "balances" | "lines" | "objects" | "gap" | "poll";
                /** @description How it stands */
                state?: "running" | "done" | "failed";
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "run_id": "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "kind": "window",
                     *           "state": "done",
                     *           "cause": "cron",
                     *           "started_at": "2026-07-01T10:00:00.000Z",
                     *           "ended_at": "2026-07-01T10:00:04.000Z",
                     *           "from": "2026-06-28T00:00:00.000Z",
                     *           "to": "2026-07-02T00:00:00.000Z",
                     *           "report": {
                     *             "coverage_percent": "100.00",
                     *             "expected": 18400,
                     *             "covered": 18400,
                     *             "compared": 61,
                     *             "differing": 2,
                     *             "in_flight": 0,
                     *             "healed": 1,
                     *             "open": 1,
                     *             "oldest_open_at": "2026-07-01T10:00:00.000Z",
                     *             "requests": 9,
                     *             "bytes": 41300,
                     *             "contradicted": 0,
                     *             "by_class": {
                     *               "MISSING_LOCAL": {
                     *                 "found": 1,
                     *                 "added": 1,
                     *                 "healed": 1,
                     *                 "open": 0
                     *               },
                     *               "CURRENCY": {
                     *                 "found": 1,
                     *                 "added": 1,
                     *                 "healed": 0,
                     *                 "open": 1
                     *               }
                     *             }
                     *           },
                     *           "error": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Reconciliation"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    startReconciliation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "lines",
                 *       "from": "2026-06-01",
                 *       "to": "2026-07-01"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description window: lines that took effect lately; lines: all of them, or those of a range; balances: what every distributor has as of now
                     * @enum {string}
                     */
                    kind: "window" | "lines" | "balances";
                    /** @description RFC 3339 date-time, or a date, which means its midnight in UTC: by when lines took effect. Absent: 72 hours before to, and of lines 0001-01-01. Only differences of the range are healed, whatever is compared to find them. Not with balances */
                    from?: string;
                    /** @description The end, which is not in it, written as from is. Later than now: now. Absent: now, and of lines those of later months, too, up to November 9999 */
                    to?: string;
                    /** @description The core's epoch from now on, where its answers are refused (`epoch_fell`, `epoch_jumped`, `seq_fell`): it is believed there, and all of it compared. Needs a reason */
                    accept_epoch?: number;
                    /** @description Why the epoch is accepted, for the audit trail. Only with accept_epoch */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "run_id": "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "kind": "window",
                     *       "state": "running",
                     *       "cause": "key:a1B2c3D4",
                     *       "started_at": "2026-07-01T10:00:00.000Z",
                     *       "ended_at": null,
                     *       "from": "2026-06-28T00:00:00.000Z",
                     *       "to": "2026-07-02T00:00:00.000Z",
                     *       "report": {
                     *         "coverage_percent": null,
                     *         "expected": 0,
                     *         "covered": 0,
                     *         "compared": 0,
                     *         "differing": 0,
                     *         "in_flight": 0,
                     *         "healed": 0,
                     *         "open": 0,
                     *         "oldest_open_at": null,
                     *         "requests": 0,
                     *         "bytes": 0,
                     *         "contradicted": 0,
                     *         "by_class": {}
                     *       },
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getReconciliation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The id of a run of reconciliation, `recon_…`
                 * @example recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70
                 */
                reconciliation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    /** @description Of the body, weak where that tells when it was made: for `If-None-Match` */
                    ETag?: string;
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Content-Disposition": components["headers"]["Content-Disposition"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "run_id": "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "kind": "window",
                     *       "state": "done",
                     *       "cause": "cron",
                     *       "started_at": "2026-07-01T10:00:00.000Z",
                     *       "ended_at": "2026-07-01T10:00:04.000Z",
                     *       "from": "2026-06-28T00:00:00.000Z",
                     *       "to": "2026-07-02T00:00:00.000Z",
                     *       "report": {
                     *         "coverage_percent": "100.00",
                     *         "expected": 18400,
                     *         "covered": 18400,
                     *         "compared": 61,
                     *         "differing": 2,
                     *         "in_flight": 0,
                     *         "healed": 1,
                     *         "open": 1,
                     *         "oldest_open_at": "2026-07-01T10:00:00.000Z",
                     *         "requests": 9,
                     *         "bytes": 41300,
                     *         "contradicted": 0,
                     *         "by_class": {
                     *           "MISSING_LOCAL": {
                     *             "found": 1,
                     *             "added": 1,
                     *             "healed": 1,
                     *             "open": 0
                     *           },
                     *           "CURRENCY": {
                     *             "found": 1,
                     *             "added": 1,
                     *             "healed": 0,
                     *             "open": 1
                     *           }
                     *         }
                     *       },
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Reconciliation"];
                    /** @example <!doctype html> */
                    "text/html": string;
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            406: components["responses"]["not_acceptable"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listBreaks: {
        parameters: {
            query?: {
                /** @description Whether something is still to be done; absent: all */
                state?: "open" | "closed" | "all";
                /** @description What kind of difference it is */
                class?: string;
                /** @description The core's id of the distributor */
                distributor_id?: string;
                /** @description The reconciliation that found it first */
                run_id?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "AMOUNT:1001:L-77:9f86d081884c7d65",
                     *           "class": "AMOUNT",
                     *           "state": "open",
                     *           "severity": "page",
                     *           "subject": "dist:1001",
                     *           "reference": "L-77",
                     *           "distributor_id": "1001",
                     *           "line_id": "L-77",
                     *           "run_id": "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "amount": {
                     *             "amount_minor": 40000,
                     *             "currency": "USD",
                     *             "amount": "400.00"
                     *           },
                     *           "core": {
                     *             "amount": {
                     *               "amount_minor": 40000,
                     *               "currency": "USD",
                     *               "amount": "400.00"
                     *             },
                     *             "reversed": {
                     *               "amount_minor": 0,
                     *               "currency": "USD",
                     *               "amount": "0.00"
                     *             },
                     *             "status": "held",
                     *             "effective_at": "2026-07-01T10:00:00.000Z",
                     *             "period_id": "2026-07",
                     *             "order_id": "O1"
                     *           },
                     *           "mirror": {
                     *             "amount": {
                     *               "amount_minor": 4000,
                     *               "currency": "USD",
                     *               "amount": "40.00"
                     *             },
                     *             "reversed": {
                     *               "amount_minor": 0,
                     *               "currency": "USD",
                     *               "amount": "0.00"
                     *             },
                     *             "status": "held",
                     *             "effective_at": "2026-07-01T10:00:00.000Z",
                     *             "period_id": "2026-07",
                     *             "order_id": "O1"
                     *           },
                     *           "action": "none",
                     *           "why": "above_limit",
                     *           "detail": "The core has 40000 USD, reversed 0, held, of 2026-07-01T10:00:00.000Z; the mirror 4000 USD, reversed 0, held, of 2026-07-01T10:00:00.000Z",
                     *           "found_at": "2026-07-01T10:00:00.000Z",
                     *           "resolved_at": null,
                     *           "resolution": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Break"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getBreak: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The id of a break, as the list has it; percent-encoded
                 * @example AMOUNT:1001:L-77:9f86d081884c7d65
                 */
                break: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "AMOUNT:1001:L-77:9f86d081884c7d65",
                     *       "class": "AMOUNT",
                     *       "state": "open",
                     *       "severity": "page",
                     *       "subject": "dist:1001",
                     *       "reference": "L-77",
                     *       "distributor_id": "1001",
                     *       "line_id": "L-77",
                     *       "run_id": "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "amount": {
                     *         "amount_minor": 40000,
                     *         "currency": "USD",
                     *         "amount": "400.00"
                     *       },
                     *       "core": {
                     *         "amount": {
                     *           "amount_minor": 40000,
                     *           "currency": "USD",
                     *           "amount": "400.00"
                     *         },
                     *         "reversed": {
                     *           "amount_minor": 0,
                     *           "currency": "USD",
                     *           "amount": "0.00"
                     *         },
                     *         "status": "held",
                     *         "effective_at": "2026-07-01T10:00:00.000Z",
                     *         "period_id": "2026-07",
                     *         "order_id": "O1"
                     *       },
                     *       "mirror": {
                     *         "amount": {
                     *           "amount_minor": 4000,
                     *           "currency": "USD",
                     *           "amount": "40.00"
                     *         },
                     *         "reversed": {
                     *           "amount_minor": 0,
                     *           "currency": "USD",
                     *           "amount": "0.00"
                     *         },
                     *         "status": "held",
                     *         "effective_at": "2026-07-01T10:00:00.000Z",
                     *         "period_id": "2026-07",
                     *         "order_id": "O1"
                     *       },
                     *       "action": "none",
                     *       "why": "above_limit",
                     *       "detail": "The core has 40000 USD, reversed 0, held, of 2026-07-01T10:00:00.000Z; the mirror 4000 USD, reversed 0, held, of 2026-07-01T10:00:00.000Z",
                     *       "found_at": "2026-07-01T10:00:00.000Z",
                     *       "resolved_at": null,
                     *       "resolution": null
                     *     }
                     */
                    "application/json": components["schemas"]["Break"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    resolveBreak: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The id of a break, as the list has it; percent-encoded
                 * @example AMOUNT:1001:L-77:9f86d081884c7d65
                 */
                break: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "resolve",
                 *       "reason": "Corrected in the core, ticket 4711"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description resolve: it was put right, and a run that still finds it opens another; accept: it stays as it is, and runs pass over it; reopen: what a person ended is open again
                     * @enum {string}
                     */
                    action: "resolve" | "accept" | "reopen";
                    /**
                     * @description Of an EXTRA_LOCAL whose line was put aside, and of no other. keep: the line pays again, and the difference is accepted; reverse: it is taken back for good
                     * @enum {string}
                     */
                    decision?: "keep" | "reverse";
                    /** @description Why, for the audit trail: ids and amounts, no names of people */
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "AMOUNT:1001:L-77:9f86d081884c7d65",
                     *       "class": "AMOUNT",
                     *       "state": "resolved",
                     *       "severity": null,
                     *       "subject": "dist:1001",
                     *       "reference": "L-77",
                     *       "distributor_id": "1001",
                     *       "line_id": "L-77",
                     *       "run_id": "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "amount": {
                     *         "amount_minor": 40000,
                     *         "currency": "USD",
                     *         "amount": "400.00"
                     *       },
                     *       "core": {
                     *         "amount": {
                     *           "amount_minor": 40000,
                     *           "currency": "USD",
                     *           "amount": "400.00"
                     *         },
                     *         "reversed": {
                     *           "amount_minor": 0,
                     *           "currency": "USD",
                     *           "amount": "0.00"
                     *         },
                     *         "status": "held",
                     *         "effective_at": "2026-07-01T10:00:00.000Z",
                     *         "period_id": "2026-07",
                     *         "order_id": "O1"
                     *       },
                     *       "mirror": {
                     *         "amount": {
                     *           "amount_minor": 4000,
                     *           "currency": "USD",
                     *           "amount": "40.00"
                     *         },
                     *         "reversed": {
                     *           "amount_minor": 0,
                     *           "currency": "USD",
                     *           "amount": "0.00"
                     *         },
                     *         "status": "held",
                     *         "effective_at": "2026-07-01T10:00:00.000Z",
                     *         "period_id": "2026-07",
                     *         "order_id": "O1"
                     *       },
                     *       "action": "none",
                     *       "why": "above_limit",
                     *       "detail": "The core has 40000 USD, reversed 0, held, of 2026-07-01T10:00:00.000Z; the mirror 4000 USD, reversed 0, held, of 2026-07-01T10:00:00.000Z",
                     *       "found_at": "2026-07-01T10:00:00.000Z",
                     *       "resolved_at": "2026-07-02T09:00:00.000Z",
                     *       "resolution": {
                     *         "action": "resolve",
                     *         "decision": null,
                     *         "reason": "Corrected in the core, ticket 4711",
                     *         "by": "key:a1B2c3D4",
                     *         "at": "2026-07-02T09:00:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Break"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listRebuilds: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "rebuild_id": "rebuild_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "state": "done",
                     *           "phase": "done",
                     *           "reason": "D1 was restored to the backup of 06:00, ticket 4711",
                     *           "cause": "key:a1B2c3D4",
                     *           "started_at": "2026-07-01T10:00:00.000Z",
                     *           "ended_at": "2026-07-01T10:14:09.000Z",
                     *           "seconds": 849,
                     *           "thaw": [],
                     *           "archive_from": "2026-07-01T05:00:00.000Z",
                     *           "reprice_from": null,
                     *           "report": {
                     *             "named": 12044,
                     *             "looked_at": 12044,
                     *             "results": {
                     *               "equal": 11802,
                     *               "rewritten": 31,
                     *               "begun_anew": 205,
                     *               "nothing": 5,
                     *               "frozen": 1
                     *             },
                     *             "rows": {
                     *               "transfers": 12,
                     *               "lines": 40,
                     *               "account_days": 7
                     *             },
                     *             "behind": 0,
                     *             "sums_left": false,
                     *             "frozen": [
                     *               "dist:1001"
                     *             ],
                     *             "not_found": [],
                     *             "failed": []
                     *           },
                     *           "error": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Rebuild"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    startRebuild: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "D1 was restored to the backup of 06:00, ticket 4711",
                 *       "archive_from": "2026-07-01T05:00:00.000Z"
                 *     }
                 */
                "application/json": {
                    /** @description Why, for the audit trail: ids and amounts, no names of people */
                    reason: string;
                    /** @description Frozen subjects whose objects are right as they are: what the mirror has of them is given up, and mirrored anew. Others stay frozen */
                    thaw?: string[];
                    /** @description Names of subjects are read from the deliveries that were archived since then. Absent: since the newest roster; all of them where there is none */
                    archive_from?: string;
                    /** @description What was paid since then is priced anew at the end, by the trees and ranks that are mirrored by then: from when on the mirror was wrong. Absent: nothing */
                    reprice_from?: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "rebuild_id": "rebuild_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "state": "running",
                     *       "phase": "begin",
                     *       "reason": "D1 was restored to the backup of 06:00, ticket 4711",
                     *       "cause": "key:a1B2c3D4",
                     *       "started_at": "2026-07-01T10:00:00.000Z",
                     *       "ended_at": null,
                     *       "seconds": null,
                     *       "thaw": [],
                     *       "archive_from": "2026-07-01T05:00:00.000Z",
                     *       "reprice_from": null,
                     *       "report": {
                     *         "named": 0,
                     *         "looked_at": 0,
                     *         "results": {},
                     *         "rows": {},
                     *         "behind": 0,
                     *         "sums_left": false,
                     *         "frozen": [],
                     *         "not_found": [],
                     *         "failed": []
                     *       },
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Rebuild"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getRebuild: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The id of a rebuild, `rebuild_…`
                 * @example rebuild_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70
                 */
                rebuild: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "rebuild_id": "rebuild_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "state": "done",
                     *       "phase": "done",
                     *       "reason": "D1 was restored to the backup of 06:00, ticket 4711",
                     *       "cause": "key:a1B2c3D4",
                     *       "started_at": "2026-07-01T10:00:00.000Z",
                     *       "ended_at": "2026-07-01T10:14:09.000Z",
                     *       "seconds": 849,
                     *       "thaw": [],
                     *       "archive_from": "2026-07-01T05:00:00.000Z",
                     *       "reprice_from": null,
                     *       "report": {
                     *         "named": 12044,
                     *         "looked_at": 12044,
                     *         "results": {
                     *           "equal": 11802,
                     *           "rewritten": 31,
                     *           "begun_anew": 205,
                     *           "nothing": 5,
                     *           "frozen": 1
                     *         },
                     *         "rows": {
                     *           "transfers": 12,
                     *           "lines": 40,
                     *           "account_days": 7
                     *         },
                     *         "behind": 0,
                     *         "sums_left": false,
                     *         "frozen": [
                     *           "dist:1001"
                     *         ],
                     *         "not_found": [],
                     *         "failed": []
                     *       },
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Rebuild"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listReplays: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "replay_id": "replay_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "state": "done",
                     *           "phase": "done",
                     *           "from": "2026-07-01T06:00:00.000Z",
                     *           "to": "2026-07-01T10:00:00.000Z",
                     *           "source": "shop",
                     *           "dry_run": false,
                     *           "reason": "The mapping of the shop was mended, ticket 4711",
                     *           "subject": null,
                     *           "ids": null,
                     *           "cause": "key:a1B2c3D4",
                     *           "started_at": "2026-07-01T10:30:00.000Z",
                     *           "ended_at": "2026-07-01T10:34:09.000Z",
                     *           "report": {
                     *             "deliveries": 1204,
                     *             "events": {
                     *               "found": 1210,
                     *               "sent": 1207,
                     *               "skipped": 3,
                     *               "lost": 0
                     *             },
                     *             "bytes": 2411200,
                     *             "before": {
                     *               "applied": 1152,
                     *               "quarantined": 55,
                     *               "discarded": 2,
                     *               "rejected": 1
                     *             },
                     *             "after": {
                     *               "applied": 1206,
                     *               "quarantined": 1,
                     *               "discarded": 2,
                     *               "rejected": 1
                     *             },
                     *             "counted_at": "2026-07-01T10:34:08.000Z",
                     *             "sources": {
                     *               "shop": 1207
                     *             },
                     *             "types": {
                     *               "payment.confirmed": 1152,
                     *               "unknown": 55
                     *             },
                     *             "decided_anew": {
                     *               "events": 55,
                     *               "examples": [
                     *                 {
                     *                   "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *                   "source": "shop",
                     *                   "delivery_id": "dlv_0198c5a0-3c00-7a1b-8c2d-3e4f5a6b7c8d"
                     *                 }
                     *               ]
                     *             },
                     *             "skipped": [
                     *               {
                     *                 "reason": "discarded",
                     *                 "detail": "A person discarded it: it comes back only where `ids` names it",
                     *                 "events": 2,
                     *                 "examples": [
                     *                   {
                     *                     "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *                     "source": "shop",
                     *                     "delivery_id": "dlv_0198c5a0-3c00-7a1b-8c2d-3e4f5a6b7c8d"
                     *                   }
                     *                 ]
                     *               },
                     *               {
                     *                 "reason": "rejected",
                     *                 "detail": "It was refused at the edge and its body not kept: its sender has to send it again",
                     *                 "events": 1,
                     *                 "examples": [
                     *                   {
                     *                     "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *                     "source": "shop",
                     *                     "delivery_id": "dlv_0198c5a0-3c00-7a1b-8c2d-3e4f5a6b7c8d"
                     *                   }
                     *                 ]
                     *               }
                     *             ]
                     *           },
                     *           "error": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Replay"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    startReplay: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-07-01T06:00:00.000Z",
                 *       "to": "2026-07-01T10:00:00.000Z",
                 *       "source": "shop",
                 *       "dry_run": false,
                 *       "reason": "The mapping of the shop was mended, ticket 4711"
                 *     }
                 */
                "application/json": {
                    /** @description Events that were received from then on */
                    from: string;
                    /** @description And before then; at most 31 days later, and not in the future */
                    to: string;
                    /** @description Of this source only; nothing is found of one that never was */
                    source?: string;
                    /** @description About this subject only, as the events' `key` has it: `dist:1001`, `order:O1` */
                    subject?: string;
                    /** @description These events only, by our ids. What a person discarded comes back only by name */
                    ids?: string[];
                    /** @description True: nothing is sent, and the report tells what would be. Absent: false */
                    dry_run?: boolean;
                    /** @description Why, for the audit trail: ids and amounts, no names of people */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "replay_id": "replay_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "state": "running",
                     *       "phase": "events",
                     *       "from": "2026-07-01T06:00:00.000Z",
                     *       "to": "2026-07-01T10:00:00.000Z",
                     *       "source": "shop",
                     *       "dry_run": false,
                     *       "reason": "The mapping of the shop was mended, ticket 4711",
                     *       "subject": null,
                     *       "ids": null,
                     *       "cause": "key:a1B2c3D4",
                     *       "started_at": "2026-07-01T10:30:00.000Z",
                     *       "ended_at": null,
                     *       "report": {
                     *         "deliveries": 0,
                     *         "events": {
                     *           "found": 0,
                     *           "sent": 0,
                     *           "skipped": 0,
                     *           "lost": 0
                     *         },
                     *         "bytes": 0,
                     *         "before": {},
                     *         "after": null,
                     *         "counted_at": null,
                     *         "sources": {},
                     *         "types": {},
                     *         "decided_anew": {
                     *           "events": 0,
                     *           "examples": []
                     *         },
                     *         "skipped": []
                     *       },
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Replay"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getReplay: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The id of a replay, `replay_…`
                 * @example replay_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70
                 */
                replay: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "replay_id": "replay_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *       "state": "done",
                     *       "phase": "done",
                     *       "from": "2026-07-01T06:00:00.000Z",
                     *       "to": "2026-07-01T10:00:00.000Z",
                     *       "source": "shop",
                     *       "dry_run": false,
                     *       "reason": "The mapping of the shop was mended, ticket 4711",
                     *       "subject": null,
                     *       "ids": null,
                     *       "cause": "key:a1B2c3D4",
                     *       "started_at": "2026-07-01T10:30:00.000Z",
                     *       "ended_at": "2026-07-01T10:34:09.000Z",
                     *       "report": {
                     *         "deliveries": 1204,
                     *         "events": {
                     *           "found": 1210,
                     *           "sent": 1207,
                     *           "skipped": 3,
                     *           "lost": 0
                     *         },
                     *         "bytes": 2411200,
                     *         "before": {
                     *           "applied": 1152,
                     *           "quarantined": 55,
                     *           "discarded": 2,
                     *           "rejected": 1
                     *         },
                     *         "after": {
                     *           "applied": 1206,
                     *           "quarantined": 1,
                     *           "discarded": 2,
                     *           "rejected": 1
                     *         },
                     *         "counted_at": "2026-07-01T10:34:08.000Z",
                     *         "sources": {
                     *           "shop": 1207
                     *         },
                     *         "types": {
                     *           "payment.confirmed": 1152,
                     *           "unknown": 55
                     *         },
                     *         "decided_anew": {
                     *           "events": 55,
                     *           "examples": [
                     *             {
                     *               "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *               "source": "shop",
                     *               "delivery_id": "dlv_0198c5a0-3c00-7a1b-8c2d-3e4f5a6b7c8d"
                     *             }
                     *           ]
                     *         },
                     *         "skipped": [
                     *           {
                     *             "reason": "discarded",
                     *             "detail": "A person discarded it: it comes back only where `ids` names it",
                     *             "events": 2,
                     *             "examples": [
                     *               {
                     *                 "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *                 "source": "shop",
                     *                 "delivery_id": "dlv_0198c5a0-3c00-7a1b-8c2d-3e4f5a6b7c8d"
                     *               }
                     *             ]
                     *           },
                     *           {
                     *             "reason": "rejected",
                     *             "detail": "It was refused at the edge and its body not kept: its sender has to send it again",
                     *             "events": 1,
                     *             "examples": [
                     *               {
                     *                 "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *                 "source": "shop",
                     *                 "delivery_id": "dlv_0198c5a0-3c00-7a1b-8c2d-3e4f5a6b7c8d"
                     *               }
                     *             ]
                     *           }
                     *         ]
                     *       },
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Replay"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getPolls: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A source's name
                 * @example core
                 */
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "source": "hubspot",
                     *       "state": "active",
                     *       "not_before": null,
                     *       "used_24h": 612,
                     *       "allowed_24h": 325000,
                     *       "look_up": {
                     *         "failures": 0,
                     *         "error": null
                     *       },
                     *       "streams": [
                     *         {
                     *           "stream": "contacts",
                     *           "watermark": "2026-07-01T09:59:31.204Z",
                     *           "next_at": "2026-07-01T10:05:00.000Z",
                     *           "failures": 0,
                     *           "round": null,
                     *           "last": {
                     *             "began_at": "2026-07-01T10:00:00.000Z",
                     *             "ended_at": "2026-07-01T10:00:02.000Z",
                     *             "pages": 2,
                     *             "records": 214,
                     *             "told": 37
                     *           },
                     *           "error": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Polls"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getUsage: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": {
                     *         "day": "2026-07-01",
                     *         "used": 120000,
                     *         "limit": 1000000,
                     *         "is_over": false,
                     *         "counted_until": "2026-07-01T09:58:00.000Z",
                     *         "resets_at": "2026-07-02T00:00:00.000Z"
                     *       },
                     *       "sources": {
                     *         "used": 4,
                     *         "limit": 200
                     *       },
                     *       "keys": {
                     *         "used": 31,
                     *         "limit": 10000
                     *       },
                     *       "requests_per_minute": {
                     *         "limit": 120000
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Usage"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listPlans: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "plan_id": "unilevel-2026",
                     *           "version": 1,
                     *           "effective_from": "2026-07-01T00:00:00.000Z",
                     *           "currency": "USD",
                     *           "rounding": "half_even",
                     *           "holdback_days": 14,
                     *           "period": {
                     *             "unit": "month",
                     *             "tz": "America/New_York"
                     *           },
                     *           "volume": {
                     *             "cv_to_money_ppm": 1000000,
                     *             "exclude_kinds": [
                     *               "enrollment_kit"
                     *             ]
                     *           },
                     *           "eligibility": {
                     *             "statuses": [
                     *               "active"
                     *             ],
                     *             "min_pv_x100": 10000
                     *           },
                     *           "ranks": [
                     *             {
                     *               "code": "Member"
                     *             },
                     *             {
                     *               "code": "Silver",
                     *               "min_gv_x100": 100000
                     *             }
                     *           ],
                     *           "components": [
                     *             {
                     *               "kind": "unilevel",
                     *               "code": "unilevel",
                     *               "tree": "sponsor",
                     *               "max_level": 2,
                     *               "pool_ppm": 400000,
                     *               "rates_ppm": {
                     *                 "Member": [
                     *                   50000
                     *                 ],
                     *                 "Silver": [
                     *                   50000,
                     *                   50000
                     *                 ]
                     *               },
                     *               "compression": "pay_to_qualified"
                     *             }
                     *           ],
                     *           "created_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Plan"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getPlan: {
        parameters: {
            query?: {
                /** @description That version; the one saved last where absent */
                version?: string;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A plan's id
                 * @example main
                 */
                plan: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "plan_id": "unilevel-2026",
                     *       "version": 1,
                     *       "effective_from": "2026-07-01T00:00:00.000Z",
                     *       "currency": "USD",
                     *       "rounding": "half_even",
                     *       "holdback_days": 14,
                     *       "period": {
                     *         "unit": "month",
                     *         "tz": "America/New_York"
                     *       },
                     *       "volume": {
                     *         "cv_to_money_ppm": 1000000,
                     *         "exclude_kinds": [
                     *           "enrollment_kit"
                     *         ]
                     *       },
                     *       "eligibility": {
                     *         "statuses": [
                     *           "active"
                     *         ],
                     *         "min_pv_x100": 10000
                     *       },
                     *       "ranks": [
                     *         {
                     *           "code": "Member"
                     *         },
                     *         {
                     *           "code": "Silver",
                     *           "min_gv_x100": 100000
                     *         }
                     *       ],
                     *       "components": [
                     *         {
                     *           "kind": "unilevel",
                     *           "code": "unilevel",
                     *           "tree": "sponsor",
                     *           "max_level": 2,
                     *           "pool_ppm": 400000,
                     *           "rates_ppm": {
                     *             "Member": [
                     *               50000
                     *             ],
                     *             "Silver": [
                     *               50000,
                     *               50000
                     *             ]
                     *           },
                     *           "compression": "pay_to_qualified"
                     *         }
                     *       ],
                     *       "created_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    putPlan: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A plan's id
                 * @example main
                 */
                plan: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "effective_from": "2026-07-01T00:00:00.000Z",
                 *       "currency": "USD",
                 *       "rounding": "half_even",
                 *       "holdback_days": 14,
                 *       "period": {
                 *         "unit": "month",
                 *         "tz": "America/New_York"
                 *       },
                 *       "volume": {
                 *         "cv_to_money_ppm": 1000000,
                 *         "exclude_kinds": [
                 *           "enrollment_kit"
                 *         ]
                 *       },
                 *       "eligibility": {
                 *         "statuses": [
                 *           "active"
                 *         ],
                 *         "min_pv_x100": 10000
                 *       },
                 *       "ranks": [
                 *         {
                 *           "code": "Member"
                 *         },
                 *         {
                 *           "code": "Silver",
                 *           "min_gv_x100": 100000
                 *         }
                 *       ],
                 *       "components": [
                 *         {
                 *           "kind": "unilevel",
                 *           "code": "unilevel",
                 *           "tree": "sponsor",
                 *           "max_level": 2,
                 *           "pool_ppm": 400000,
                 *           "rates_ppm": {
                 *             "Member": [
                 *               50000
                 *             ],
                 *             "Silver": [
                 *               50000,
                 *               50000
                 *             ]
                 *           },
                 *           "compression": "pay_to_qualified"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description As in the path */
                    plan_id?: string;
                    /** @description The next one, or a stored one that says the same; chosen where absent */
                    version?: number;
                    /** @description RFC 3339 date-time, or a date, which means its midnight UTC */
                    effective_from: string;
                    /** @description ISO 4217; need not be the tenant's */
                    currency: string;
                    /**
                     * @description How fractions of a minor unit are rounded
                     * @enum {string}
                     */
                    rounding: "half_even" | "half_up" | "down";
                    /** @description Days from the sale until a commission is payable */
                    holdback_days: number;
                    /** @description How long a period is, and where its days begin */
                    period: {
                        /**
                         * @description How long a period is
                         * @enum {string}
                         */
                        unit: "week" | "semi_month" | "month";
                        /** @description IANA name of the time zone in which days begin */
                        tz: string;
                    };
                    /** @description What points are worth, and which orders bring them */
                    volume: {
                        /** @description What one point is worth: 1 000 000 is one major unit of currency */
                        cv_to_money_ppm: number;
                        /** @description Kinds of order that earn nothing */
                        exclude_kinds?: ("store" | "autoship" | "enrollment_kit")[];
                        /**
                         * @description By which plan a refund's volume is taken back
                         * @enum {string}
                         */
                        refund_volume?: "current" | "original";
                    };
                    /** @description Who is paid at all */
                    eligibility: {
                        /** @description Who counts as active */
                        statuses: ("active" | "grace" | "suspended" | "terminated")[];
                        /** @description Own volume needed, in hundredths of a point */
                        min_pv_x100: number;
                    };
                    /** @description From the lowest to the highest */
                    ranks: {
                        /** @description The rank */
                        code: string;
                        /** @description Own volume needed, in hundredths of a point */
                        min_pv_x100?: number;
                        /** @description Group volume needed, in hundredths of a point */
                        min_gv_x100?: number;
                        /** @description The most one leg counts for, as a share of min_gv_x100, in parts per million */
                        max_leg_ppm?: number;
                        /** @description How many legs must have somebody of a rank */
                        legs_with_rank?: {
                            /** @description The code of a rank of the plan */
                            rank: string;
                            /** @description How many legs */
                            count: number;
                        };
                        /** @description Periods for which a rank is kept without its requirements */
                        grace_periods?: number;
                    }[];
                    /** @description What is paid to whom; each has a code of its own */
                    components: ({
                        /**
                         * @description Of which kind it is
                         * @constant
                         */
                        kind: "unilevel";
                        /** @description Becomes a part of line ids: unique among a tenant's plans */
                        code: string;
                        /**
                         * @description Along which tree: who brought somebody in, or where somebody was placed
                         * @enum {string}
                         */
                        tree: "sponsor" | "placement";
                        /** @description How many levels are paid */
                        max_level: number;
                        /**
                         * @description Who is left out while levels are counted
                         * @enum {string}
                         */
                        compression: "none" | "skip_inactive" | "skip_below_rank" | "pay_to_qualified";
                        /** @description The rank that `skip_below_rank` asks for */
                        compress_min_rank?: string;
                        /** @description Share of the CV that is paid on, in parts per million */
                        pool_ppm: number;
                        /** @description Rank, then the rate at level 1, 2, …; what is missing or 0 is not paid */
                        rates_ppm: {
                            [key: string]: number[];
                        };
                        /** @description The volume of somebody who is not eligible pays nobody */
                        source_must_qualify?: boolean;
                        /** @description The walk ends with the first person of at least this rank: breakaway */
                        boundary_rank?: string;
                    } | {
                        /**
                         * @description Of which kind it is
                         * @constant
                         */
                        kind: "matrix";
                        /** @description How many stand directly below one person */
                        width: number;
                        /** @description Bounds the levels that are paid */
                        height: number;
                        /** @description Becomes a part of line ids: unique among a tenant's plans */
                        code: string;
                        /**
                         * @description Along which tree: who brought somebody in, or where somebody was placed
                         * @enum {string}
                         */
                        tree: "sponsor" | "placement";
                        /** @description How many levels are paid */
                        max_level: number;
                        /**
                         * @description Who is left out while levels are counted
                         * @enum {string}
                         */
                        compression: "none" | "skip_inactive" | "skip_below_rank" | "pay_to_qualified";
                        /** @description The rank that `skip_below_rank` asks for */
                        compress_min_rank?: string;
                        /** @description Share of the CV that is paid on, in parts per million */
                        pool_ppm: number;
                        /** @description Rank, then the rate at level 1, 2, …; what is missing or 0 is not paid */
                        rates_ppm: {
                            [key: string]: number[];
                        };
                        /** @description The volume of somebody who is not eligible pays nobody */
                        source_must_qualify?: boolean;
                        /** @description The walk ends with the first person of at least this rank: breakaway */
                        boundary_rank?: string;
                    } | {
                        /**
                         * @description Of which kind it is
                         * @constant
                         */
                        kind: "binary";
                        /** @description Becomes a part of line ids: unique among a tenant's plans */
                        code: string;
                        /** @description Share of the matched volume, in parts per million */
                        pair_ppm: number;
                        /**
                         * @description What becomes of volume that found no match
                         * @enum {string}
                         */
                        after: "carry_forward" | "net_off" | "flush";
                        /** @description Volume is matched in whole units of this, in hundredths of a point */
                        unit_x100?: number;
                        /** @description The most one person is paid a period, in minor units of the plan's currency */
                        cap_minor?: number;
                        /** @description The most a leg carries, in hundredths of a point */
                        carry_cap_x100?: number;
                    } | {
                        /**
                         * @description Of which kind it is
                         * @constant
                         */
                        kind: "stairstep";
                        /** @description Becomes a part of line ids: unique among a tenant's plans */
                        code: string;
                        /** @description From which group volume on which share is paid */
                        brackets: {
                            /** @description Group PV in whole points */
                            min_pv: number;
                            /** @description Share, in parts per million */
                            rate_ppm: number;
                        }[];
                    } | {
                        /**
                         * @description Of which kind it is
                         * @constant
                         */
                        kind: "generation";
                        /** @description Becomes a part of line ids: unique among a tenant's plans */
                        code: string;
                        /**
                         * @description Along which tree: who brought somebody in, or where somebody was placed
                         * @enum {string}
                         */
                        tree: "sponsor" | "placement";
                        /** @description Share of the CV that is paid on, in parts per million */
                        pool_ppm: number;
                        /** @description From this rank on somebody leads a generation */
                        boundary_rank: string;
                        /** @description How many generations are paid */
                        max_generation: number;
                        /** @description Rank, then the rate at level 1, 2, …; what is missing or 0 is not paid */
                        rates_ppm: {
                            [key: string]: number[];
                        };
                        /** @description Whether a generation is paid the difference to the one below */
                        differential?: boolean;
                    } | {
                        /**
                         * @description Of which kind it is
                         * @constant
                         */
                        kind: "flat";
                        /** @description Becomes a part of line ids: unique among a tenant's plans */
                        code: string;
                        /**
                         * @description Along which tree: who brought somebody in, or where somebody was placed
                         * @enum {string}
                         */
                        tree: "sponsor" | "placement";
                        /** @description How many levels are paid */
                        max_level: number;
                        /**
                         * @description Who is left out while levels are counted
                         * @enum {string}
                         */
                        compression: "none" | "skip_inactive" | "skip_below_rank" | "pay_to_qualified";
                        /** @description The rank that `skip_below_rank` asks for */
                        compress_min_rank?: string;
                        /** @description Package or order kind, then the sum at level 1, 2, … */
                        amounts_minor: {
                            [key: string]: number[];
                        };
                    })[];
                    /** @description The most that is paid in a period */
                    caps?: {
                        /** @description The most one person is paid a period, in minor units of the plan's currency */
                        per_distributor_minor?: number;
                        /** @description Share of the CV's value, in parts per million */
                        company_ppm_of_cv_value?: number;
                        /**
                         * @description mirror: the core decides what is paid; gateway_final: the gateway does
                         * @enum {string}
                         */
                        mode: "pro_rata" | "priority" | "hard_stop";
                    };
                    /** @description What happens where more is taken back than is payable */
                    clawback?: {
                        /** @description How far below zero before somebody is told, in minor units of the plan's currency */
                        limit_minor: number;
                    };
                    /** @description When and how balances are paid out */
                    payout?: {
                        /** @description The least that is paid out, in minor units of the plan's currency */
                        minimum_minor: number;
                        /** @description What a payout costs, in minor units of the plan's currency */
                        fee_minor?: number;
                        /** @description Tax withheld, in parts per million */
                        withholding_ppm?: number;
                    };
                    /** @description Ignored: so what a GET shows can be put back */
                    created_at?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "plan_id": "unilevel-2026",
                     *       "version": 1,
                     *       "effective_from": "2026-07-01T00:00:00.000Z",
                     *       "currency": "USD",
                     *       "rounding": "half_even",
                     *       "holdback_days": 14,
                     *       "period": {
                     *         "unit": "month",
                     *         "tz": "America/New_York"
                     *       },
                     *       "volume": {
                     *         "cv_to_money_ppm": 1000000,
                     *         "exclude_kinds": [
                     *           "enrollment_kit"
                     *         ]
                     *       },
                     *       "eligibility": {
                     *         "statuses": [
                     *           "active"
                     *         ],
                     *         "min_pv_x100": 10000
                     *       },
                     *       "ranks": [
                     *         {
                     *           "code": "Member"
                     *         },
                     *         {
                     *           "code": "Silver",
                     *           "min_gv_x100": 100000
                     *         }
                     *       ],
                     *       "components": [
                     *         {
                     *           "kind": "unilevel",
                     *           "code": "unilevel",
                     *           "tree": "sponsor",
                     *           "max_level": 2,
                     *           "pool_ppm": 400000,
                     *           "rates_ppm": {
                     *             "Member": [
                     *               50000
                     *             ],
                     *             "Silver": [
                     *               50000,
                     *               50000
                     *             ]
                     *           },
                     *           "compression": "pay_to_qualified"
                     *         }
                     *       ],
                     *       "created_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "plan_id": "unilevel-2026",
                     *       "version": 1,
                     *       "effective_from": "2026-07-01T00:00:00.000Z",
                     *       "currency": "USD",
                     *       "rounding": "half_even",
                     *       "holdback_days": 14,
                     *       "period": {
                     *         "unit": "month",
                     *         "tz": "America/New_York"
                     *       },
                     *       "volume": {
                     *         "cv_to_money_ppm": 1000000,
                     *         "exclude_kinds": [
                     *           "enrollment_kit"
                     *         ]
                     *       },
                     *       "eligibility": {
                     *         "statuses": [
                     *           "active"
                     *         ],
                     *         "min_pv_x100": 10000
                     *       },
                     *       "ranks": [
                     *         {
                     *           "code": "Member"
                     *         },
                     *         {
                     *           "code": "Silver",
                     *           "min_gv_x100": 100000
                     *         }
                     *       ],
                     *       "components": [
                     *         {
                     *           "kind": "unilevel",
                     *           "code": "unilevel",
                     *           "tree": "sponsor",
                     *           "max_level": 2,
                     *           "pool_ppm": 400000,
                     *           "rates_ppm": {
                     *             "Member": [
                     *               50000
                     *             ],
                     *             "Silver": [
                     *               50000,
                     *               50000
                     *             ]
                     *           },
                     *           "compression": "pay_to_qualified"
                     *         }
                     *       ],
                     *       "created_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listPlanVersions: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A plan's id
                 * @example main
                 */
                plan: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "plan_id": "unilevel-2026",
                     *           "version": 1,
                     *           "effective_from": "2026-07-01T00:00:00.000Z",
                     *           "created_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["PlanVersion"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    simulatePlan: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A plan's id
                 * @example main
                 */
                plan: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "occurred_at": "2026-07-01T10:00:00.000Z",
                 *       "cv_x100": 20000,
                 *       "upline": [
                 *         {
                 *           "id": "1001",
                 *           "rank": "Silver"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description Where the sale's volume starts: somebody real, unless upline is told */
                    source_node?: string & (unknown & unknown);
                    /** @description Together with upline: the buyer's own standing; a customer if absent */
                    source?: {
                        /**
                         * @description Null: a customer
                         * @default null
                         */
                        status?: ("active" | "grace" | "suspended" | "terminated") | null;
                        /**
                         * @description Null: paid as the lowest rank
                         * @default null
                         */
                        rank?: string | null;
                        /**
                         * @description Null: meets any minimum
                         * @default null
                         */
                        pv_x100?: number | null;
                    };
                    /** @description A way up that is tried in both trees, nearest first */
                    upline?: {
                        /** @description A distributor */
                        id: string & (unknown & unknown);
                        /**
                         * @description Null: a customer
                         * @default active
                         */
                        status?: ("active" | "grace" | "suspended" | "terminated") | null;
                        /**
                         * @description Null: paid as the lowest rank
                         * @default null
                         */
                        rank?: string | null;
                        /**
                         * @description Null: meets any minimum
                         * @default null
                         */
                        pv_x100?: number | null;
                    }[];
                    /**
                     * Format: date-time
                     * @description When; now if absent, RFC 3339 date-time
                     */
                    occurred_at?: string;
                    /**
                     * @description How the order comes about
                     * @default store
                     * @enum {string}
                     */
                    order_kind?: "store" | "autoship" | "enrollment_kit";
                    /** @description What flat sums are looked up by; the order kind if absent */
                    package?: string;
                    /** @description Commissionable volume, in hundredths of a point */
                    cv_x100: number;
                    /**
                     * @description Personal volume, in hundredths of a point
                     * @default 0
                     */
                    pv_x100?: number;
                    /** @description A draft, tried as if it held then; the stored plan if absent */
                    plan?: unknown;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "plan": {
                     *         "plan_id": "unilevel-2026",
                     *         "version": 1,
                     *         "is_draft": false
                     *       },
                     *       "occurred_at": "2026-07-01T10:00:00.000Z",
                     *       "period_id": "2026-07",
                     *       "lines": [
                     *         {
                     *           "line_id": null,
                     *           "component": "unilevel",
                     *           "level": 1,
                     *           "depth": 1,
                     *           "distributor_id": "1001",
                     *           "rank": "Silver",
                     *           "rate_ppm": 50000,
                     *           "amount_minor": 400,
                     *           "currency": "USD",
                     *           "amount": "4.00"
                     *         }
                     *       ],
                     *       "breakage": [],
                     *       "totals": {
                     *         "USD": {
                     *           "amount_minor": 400,
                     *           "currency": "USD",
                     *           "amount": "4.00"
                     *         }
                     *       },
                     *       "commissionable": {
                     *         "amount_minor": 20000,
                     *         "currency": "USD",
                     *         "amount": "200.00"
                     *       },
                     *       "payout_ppm": 20000
                     *     }
                     */
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listUpline: {
        parameters: {
            query?: {
                /** @description Along which tree: who brought somebody in, or where somebody was placed */
                tree?: "sponsor" | "placement";
                /** @description RFC 3339 date-time, or a date, which means its midnight in UTC */
                as_of?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "distributor_id": "1000",
                     *           "depth": 1,
                     *           "parent_id": "1001",
                     *           "leg": "L",
                     *           "name": "A. K.",
                     *           "status": "active",
                     *           "rank": "gold",
                     *           "joined_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["TreeNode"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listDownline: {
        parameters: {
            query?: {
                /** @description Along which tree: who brought somebody in, or where somebody was placed */
                tree?: "sponsor" | "placement";
                /** @description RFC 3339 date-time, or a date, which means its midnight in UTC */
                as_of?: string;
                /** @description Levels, from 1 to 50 */
                depth?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "distributor_id": "1002",
                     *           "depth": 1,
                     *           "parent_id": "1001",
                     *           "leg": "L",
                     *           "name": "A. K.",
                     *           "status": "active",
                     *           "rank": "gold",
                     *           "joined_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["TreeNode"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    createLink: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "expires_in_s": 900
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Seconds, 3600 at most
                     * @default 900
                     */
                    expires_in_s?: number;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "url": "https://gateway.example/me/acme/1001#upt_eyJkIjoiMTAwMSIsImUiOjE3ODI5MDA5MDAwMDB9.0123456789abcdefghijABCDEFGHIJ0123456789abc",
                     *       "token": "upt_eyJkIjoiMTAwMSIsImUiOjE3ODI5MDA5MDAwMDB9.0123456789abcdefghijABCDEFGHIJ0123456789abc",
                     *       "expires_at": "2026-07-01T10:15:00.000Z",
                     *       "scopes": [
                     *         "status:read",
                     *         "line:read",
                     *         "ledger:read",
                     *         "report:read"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["NewLink"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listInventory: {
        parameters: {
            query?: {
                /** @description The article */
                sku?: string;
                /** @description An id or a name */
                location?: string;
                /** @description Stock with fewer pieces on hand */
                below?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "sku": "SKU-1",
                     *           "location": null,
                     *           "on_hand": 3,
                     *           "low_stock_at": 5,
                     *           "low": true,
                     *           "epoch": 0,
                     *           "rev": "7",
                     *           "occurred_at": "2026-07-01T10:00:00.000Z",
                     *           "recorded_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Stock"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listTickets: {
        parameters: {
            query?: {
                /** @description The core's id of the distributor */
                distributor_id?: string;
                /** @description The distributor's status */
                status?: string;
                /** @description `true`: tickets whose status ends none; `false`: the others */
                open?: "true" | "false";
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "system": "zendesk",
                     *           "object_id": "35436",
                     *           "distributor_id": "1001",
                     *           "status": "pending",
                     *           "subject_kind": "payout",
                     *           "open": true,
                     *           "opened_at": "2026-07-01T10:00:00.000Z",
                     *           "first_response_at": "2026-07-01T10:00:00.000Z",
                     *           "epoch": 0,
                     *           "rev": "7",
                     *           "occurred_at": "2026-07-01T10:00:00.000Z",
                     *           "recorded_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Ticket"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listAutoships: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "autoship_id": "AS1",
                     *           "next_run": "2026-08-01",
                     *           "status": "active",
                     *           "epoch": 0,
                     *           "rev": "7",
                     *           "occurred_at": "2026-07-01T10:00:00.000Z",
                     *           "recorded_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Autoship"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listPeriods: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "period_id": "2026-07",
                     *           "run_id": "RUN-1",
                     *           "totals": {
                     *             "USD": 160000
                     *           },
                     *           "lines": 400,
                     *           "digest": "9f86d081884c7d65",
                     *           "epoch": 0,
                     *           "rev": "7",
                     *           "occurred_at": "2026-07-01T10:00:00.000Z",
                     *           "recorded_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["ClosedPeriod"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getPeriod: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A period's id, `2026-07`
                 * @example 2026-07
                 */
                period: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "period_id": "2026-07",
                     *       "run_id": "RUN-1",
                     *       "totals": {
                     *         "USD": 160000
                     *       },
                     *       "lines": 400,
                     *       "digest": "9f86d081884c7d65",
                     *       "epoch": 0,
                     *       "rev": "7",
                     *       "occurred_at": "2026-07-01T10:00:00.000Z",
                     *       "recorded_at": "2026-07-01T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ClosedPeriod"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getEarnings: {
        parameters: {
            query?: {
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                as_of?: string;
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                known_at?: string;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
                /**
                 * @description A month, `yyyy-mm`
                 * @example 2026-07
                 */
                month: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    /** @description Of the body, weak where that tells when it was made: for `If-None-Match` */
                    ETag?: string;
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Content-Disposition": components["headers"]["Content-Disposition"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "distributor_id": "1001",
                     *       "month": "2026-07",
                     *       "status": "closed",
                     *       "effective_from": "2026-07-01T00:00:00.000Z",
                     *       "effective_to": "2026-07-31T23:59:59.999Z",
                     *       "known_at": "2026-08-15T12:00:00.000Z",
                     *       "statements": [
                     *         {
                     *           "currency": "USD",
                     *           "opening": {
                     *             "amount_minor": 1000,
                     *             "currency": "USD",
                     *             "amount": "10.00"
                     *           },
                     *           "lines": [
                     *             {
                     *               "component": "unilevel",
                     *               "amount": {
                     *                 "amount_minor": 12600,
                     *                 "currency": "USD",
                     *                 "amount": "126.00"
                     *               }
                     *             }
                     *           ],
                     *           "reversals": [
                     *             {
                     *               "component": "unilevel",
                     *               "amount": {
                     *                 "amount_minor": -160,
                     *                 "currency": "USD",
                     *                 "amount": "-1.60"
                     *               }
                     *             }
                     *           ],
                     *           "adjustments": {
                     *             "amount_minor": 60,
                     *             "currency": "USD",
                     *             "amount": "0.60"
                     *           },
                     *           "fees": {
                     *             "amount_minor": -150,
                     *             "currency": "USD",
                     *             "amount": "-1.50"
                     *           },
                     *           "withholding": {
                     *             "amount_minor": 0,
                     *             "currency": "USD",
                     *             "amount": "0.00"
                     *           },
                     *           "payouts": {
                     *             "amount_minor": -12350,
                     *             "currency": "USD",
                     *             "amount": "-123.50"
                     *           },
                     *           "other": {
                     *             "amount_minor": 0,
                     *             "currency": "USD",
                     *             "amount": "0.00"
                     *           },
                     *           "closing": {
                     *             "amount_minor": 1000,
                     *             "currency": "USD",
                     *             "amount": "10.00"
                     *           },
                     *           "pending": {
                     *             "amount_minor": 400,
                     *             "currency": "USD",
                     *             "amount": "4.00"
                     *           },
                     *           "in_transit": {
                     *             "amount_minor": 0,
                     *             "currency": "USD",
                     *             "amount": "0.00"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["EarningsReport"];
                    /** @example distributor_id,month,status,effective_to,known_at,currency,section,component,amount,amount_minor */
                    "text/csv": string;
                    /**
                     * @example <!doctype html>
                     *     <title>Statement 2026-07</title>
                     */
                    "text/html": string;
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            406: components["responses"]["not_acceptable"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getProgress: {
        parameters: {
            query?: {
                /** @description How long a period is, and where its days begin */
                period?: string;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "distributor_id": "1001",
                     *       "period_id": "2026-07",
                     *       "period_end": "2026-07-31T23:59:59.999Z",
                     *       "estimate": true,
                     *       "plan_id": "main",
                     *       "rank": "silver",
                     *       "rank_source": "core",
                     *       "estimated_rank": "silver",
                     *       "next_rank": "gold",
                     *       "requirements": [
                     *         {
                     *           "requirement": "min_gv_x100",
                     *           "need": 500000,
                     *           "have": 420000,
                     *           "missing": 80000
                     *         },
                     *         {
                     *           "requirement": "legs_with_rank",
                     *           "rank": "silver",
                     *           "need": 2,
                     *           "have": 1,
                     *           "missing": 1
                     *         }
                     *       ],
                     *       "pv_x100": 12000,
                     *       "gv_x100": 420000,
                     *       "volumes_source": "estimate",
                     *       "legs": 3,
                     *       "legs_complete": true
                     *     }
                     */
                    "application/json": components["schemas"]["Progress"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listSales: {
        parameters: {
            query: {
                /** @description RFC 3339 date-time, or a date, which means its midnight in UTC */
                from: string;
                /** @description RFC 3339 date-time, or a date, which means its midnight in UTC */
                to: string;
                /** @description What the orders are grouped by */
                by?: "day" | "month" | "order_kind" | "source_node" | "currency";
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                as_of?: string;
                /** @description RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC */
                known_at?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": "2026-07-01T00:00:00.000Z",
                     *       "to": "2026-08-01T00:00:00.000Z",
                     *       "by": "day",
                     *       "items": [
                     *         {
                     *           "group": "2026-07-01",
                     *           "currency": "USD",
                     *           "orders": 1,
                     *           "gross": {
                     *             "amount_minor": 27500,
                     *             "currency": "USD",
                     *             "amount": "275.00"
                     *           },
                     *           "net": {
                     *             "amount_minor": 25000,
                     *             "currency": "USD",
                     *             "amount": "250.00"
                     *           },
                     *           "tax": {
                     *             "amount_minor": 2000,
                     *             "currency": "USD",
                     *             "amount": "20.00"
                     *           },
                     *           "shipping": {
                     *             "amount_minor": 500,
                     *             "currency": "USD",
                     *             "amount": "5.00"
                     *           },
                     *           "returned": {
                     *             "amount_minor": 0,
                     *             "currency": "USD",
                     *             "amount": "0.00"
                     *           },
                     *           "fee": {
                     *             "amount_minor": 828,
                     *             "currency": "USD",
                     *             "amount": "8.28"
                     *           },
                     *           "cv_x100": 20000,
                     *           "pv_x100": 20000,
                     *           "commission": [
                     *             {
                     *               "amount_minor": 1600,
                     *               "currency": "USD",
                     *               "amount": "16.00"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description The first instant that counts */
                        from: string;
                        /** @description The first instant that does not */
                        to: string;
                        /**
                         * @description What the orders are grouped by
                         * @enum {string}
                         */
                        by: "day" | "month" | "order_kind" | "source_node" | "currency";
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["SalesGroup"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "key": "msg:payment_confirmed:P1",
                     *           "kind": "payment_confirmed",
                     *           "subject": "order:O1",
                     *           "about": {
                     *             "payment_id": "P1",
                     *             "order_id": "O1",
                     *             "source_node": "1001",
                     *             "amount_minor": 27500,
                     *             "currency": "USD"
                     *           },
                     *           "created_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Message"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    writeOff: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "id": "wo-2026-11",
                 *       "step": "receivable",
                 *       "currency": "USD",
                 *       "amount_minor": 5000
                 *     }
                 */
                "application/json": {
                    /** @description Names the write-off: the same one again changes nothing */
                    id: string;
                    /**
                     * @description First the debt is moved out for collection, then what cannot be collected is a loss
                     * @enum {string}
                     */
                    step: "receivable" | "bad_debt";
                    /** @description ISO 4217 */
                    currency: string;
                    /** @description At most this much in minor units; never more than is owed */
                    amount_minor: number;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wo-2026-11",
                     *       "state": "accepted",
                     *       "owed": {
                     *         "amount_minor": 5000,
                     *         "currency": "USD",
                     *         "amount": "50.00"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["WriteOff"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getWriteOff: {
        parameters: {
            query?: never;
            header?: {
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description The core's id of a distributor
                 * @example 1001
                 */
                distributor: string;
                /**
                 * @description The id that a write-off was given when it was asked for
                 * @example wo-2026-11
                 */
                writeoff: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "wo-2026-11",
                     *       "state": "done",
                     *       "step": "receivable",
                     *       "moved": {
                     *         "amount_minor": 5000,
                     *         "currency": "USD",
                     *         "amount": "50.00"
                     *       },
                     *       "reason": null
                     *     }
                     */
                    "application/json": components["schemas"]["WriteOffDone"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listRuns: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "run_id": "payouts:main:2026-07",
                     *           "kind": "payouts",
                     *           "plan_id": "main",
                     *           "period_id": "2026-07",
                     *           "state": "done",
                     *           "attempt": 1,
                     *           "started_at": "2026-08-01T01:00:00.000Z",
                     *           "ended_at": "2026-08-01T01:00:02.000Z",
                     *           "phase": null,
                     *           "waiting": null,
                     *           "reason": null,
                     *           "proposals": 812,
                     *           "left_out": [
                     *             {
                     *               "distributor_id": "1007",
                     *               "reason": "break_open",
                     *               "detail": "AMOUNT:L-77"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Run"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    startRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this write: sent again with the same body it is answered as the first time and done once, with another body 422 */
                "Idempotency-Key"?: components["parameters"]["idempotency"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "close",
                 *       "plan": "main",
                 *       "period": "2026-07"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description `close` pays what a period earns as a whole, and closes it
                     * @enum {string}
                     */
                    kind: "ranks" | "close" | "payouts";
                    /** @description The plan's id */
                    plan: string;
                    /** @description One of the plan's periods that is over: `2026-07`, `2026-W30`, `2026-07-1` */
                    period: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "run_id": "payouts:main:2026-07",
                     *       "kind": "payouts",
                     *       "plan_id": "main",
                     *       "period_id": "2026-07",
                     *       "state": "running",
                     *       "attempt": 1,
                     *       "started_at": "2026-08-01T01:00:00.000Z",
                     *       "ended_at": null,
                     *       "phase": null,
                     *       "waiting": null,
                     *       "reason": null,
                     *       "proposals": 812,
                     *       "left_out": [
                     *         {
                     *           "distributor_id": "1007",
                     *           "reason": "break_open",
                     *           "detail": "AMOUNT:L-77"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["malformed_or_parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            409: components["responses"]["conflict_or_idempotency_answer_lost_or_idempotency_in_progress"];
            413: components["responses"]["too_large"];
            414: components["responses"]["uri_too_long"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused_or_invalid"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A run's id, `close:main:2026-07`; percent-encoded
                 * @example close:main:2026-07
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "run_id": "payouts:main:2026-07",
                     *       "kind": "payouts",
                     *       "plan_id": "main",
                     *       "period_id": "2026-07",
                     *       "state": "done",
                     *       "attempt": 1,
                     *       "started_at": "2026-08-01T01:00:00.000Z",
                     *       "ended_at": "2026-08-01T01:00:02.000Z",
                     *       "phase": null,
                     *       "waiting": null,
                     *       "reason": null,
                     *       "proposals": 812,
                     *       "left_out": [
                     *         {
                     *           "distributor_id": "1007",
                     *           "reason": "break_open",
                     *           "detail": "AMOUNT:L-77"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listPayoutProposals: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description A run's id, `close:main:2026-07`; percent-encoded
                 * @example close:main:2026-07
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    /** @description Of the body, weak where that tells when it was made: for `If-None-Match` */
                    ETag?: string;
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    "Content-Disposition": components["headers"]["Content-Disposition"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "distributor_id": "1001",
                     *           "gross": {
                     *             "amount_minor": 12500,
                     *             "currency": "USD",
                     *             "amount": "125.00"
                     *           },
                     *           "fee": {
                     *             "amount_minor": 150,
                     *             "currency": "USD",
                     *             "amount": "1.50"
                     *           },
                     *           "withholding": {
                     *             "amount_minor": 0,
                     *             "currency": "USD",
                     *             "amount": "0.00"
                     *           },
                     *           "net": {
                     *             "amount_minor": 12350,
                     *             "currency": "USD",
                     *             "amount": "123.50"
                     *           }
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["PayoutProposal"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                    /** @example run_id,distributor_id,currency,gross,fee,withholding,net,net_minor */
                    "text/csv": string;
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            406: components["responses"]["not_acceptable"];
            409: components["responses"]["conflict"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listChains: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "subject": "dist:1001",
                     *           "position": 12,
                     *           "head": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *           "frozen_at": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Chain"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    getLog: {
        parameters: {
            query?: {
                /** @description Goes on behind this position */
                after?: string;
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description What an object keeps, `order:O1`; percent-encoded
                 * @example dist:1001
                 */
                subject: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "mirrored": {
                     *         "subject": "dist:1001",
                     *         "position": 12,
                     *         "head": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "frozen_at": null
                     *       },
                     *       "order": null,
                     *       "manifest": null,
                     *       "items": [
                     *         {
                     *           "position": 1,
                     *           "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *           "entry": "{\"effects\":{},\"recorded_ms\":1782900000000}"
                     *         }
                     *       ],
                     *       "next_after": null
                     *     }
                     */
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listLoggedTransfers: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
                /**
                 * @description What an object keeps, `order:O1`; percent-encoded
                 * @example dist:1001
                 */
                subject: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "n": 0,
                     *           "position": 3,
                     *           "rule": "P3",
                     *           "debit": "exp:commission",
                     *           "credit": "dist:1001:held",
                     *           "amount": {
                     *             "amount_minor": 400,
                     *             "currency": "USD",
                     *             "amount": "4.00"
                     *           },
                     *           "reference": "L1",
                     *           "event_id": "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
                     *           "effective_at": "2026-07-01T10:00:00.000Z",
                     *           "recorded_at": "2026-07-01T10:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["LoggedTransfer"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listVolumes: {
        parameters: {
            query?: {
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "distributor_id": "1001",
                     *           "period_id": "2026-07",
                     *           "pv_x100": 20000,
                     *           "cv_x100": 20000,
                     *           "gv_x100": 45000
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["CountedVolume"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
    listAnchors: {
        parameters: {
            query?: {
                /** @description Heads that were found on this UTC day, yyyy-mm-dd */
                day?: string;
                /** @description A `next_cursor` of this list, asked with the same filters */
                cursor?: components["parameters"]["cursor"];
                /** @description How many items at most */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /** @description Of an earlier answer, a write's among them: this one is no older */
                "D1-Bookmark"?: components["parameters"]["bookmark"];
                /** @description An earlier `ETag`: 304 where nothing has changed */
                "If-None-Match"?: components["parameters"]["known"];
            };
            path: {
                /**
                 * @description A tenant's name
                 * @example acme
                 */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "subject": "dist:1001",
                     *           "day": "2026-07-01",
                     *           "position": 12,
                     *           "head": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        /** @description At most `limit` of them; a page may be short and still not be the last */
                        items: components["schemas"]["Anchor"][];
                        /** @description The `cursor` of the next page; null at the end of the list */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Unchanged since `If-None-Match` */
            304: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    ETag: components["headers"]["ETag"];
                    "D1-Bookmark": components["headers"]["D1-Bookmark"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["parameter_invalid"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not_found"];
            414: components["responses"]["uri_too_long"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large_or_headers_too_many"];
            500: components["responses"]["internal"];
            503: components["responses"]["overloaded"];
        };
    };
}
