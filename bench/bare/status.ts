/** One read of one row by its primary key. */
interface Env {
  readonly MIRROR_0: D1Database;
}

const READ = "SELECT * FROM subjects WHERE tenant = ? AND subject = ?";

export default {
  async fetch(request, env) {
    const [, , , tenant, , id] = new URL(request.url).pathname.split("/");
    const row = await env.MIRROR_0.prepare(READ).bind(tenant, `dist:${id}`).first();
    return Response.json(row);
  },
  queue(batch) {
    batch.ackAll();
  },
} satisfies ExportedHandler<Env>;
