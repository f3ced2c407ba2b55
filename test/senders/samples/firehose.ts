import { firehose } from "#src/senders/firehose.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { headerShown } from "./shown.ts";

export const samples: readonly Sample[] = [
  {
    ...headerShown("firehose-access-key", "x-amz-firehose-access-key"),
    sender: firehose,
    body: payload("firehose-request.json"),
    headers: {
      "content-type": "application/json",
      "x-amz-firehose-request-id": "ed4acda5-034f-4f42-bba1-000000000001",
    },
  },
];
