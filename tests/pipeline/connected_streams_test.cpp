#include <leat/leat.hpp>
#include <leat/tests/pipeline/records.hpp>
#include <leat/tests/support/bounded_run.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

timestamp time_of(const order& o) { return from_millis(o.millis); }
timestamp paid_at(const payment& p) { return from_millis(p.millis); }

/// Orders and what was paid of them; what is still open after a second is said once.
struct find_unpaid {
  value_state<std::int64_t> open_cents;

  void open(state_registry& r) { r.add("open-cents", open_cents); }
  void process_first(const order& o, keyed_context<std::string>& c, collector<std::string>&) {
    open_cents.edit() += o.cents;
    c.set_timer(c.time() + 1s);
  }
  void process_second(const payment& p, keyed_context<std::string>&, collector<std::string>&) {
    open_cents.edit() -= p.cents;
  }
  void on_timer(timestamp, keyed_context<std::string>& c, collector<std::string>& out) {
    if (*open_cents.get() > 0)
      out.push(c.key() + " owes " + std::to_string(*open_cents.get()));
    open_cents.clear();
  }
};

/// Lets orders pass that are above a limit; limits by name come as records.
struct above_limit {
  broadcast_state<std::string, std::int64_t> limits;

  void open(broadcast_registry& r) { r.add("limits", limits); }
  template <class Context>
  void process(const order& o, Context&, collector<std::string>& out) {
    if (const auto* const limit = limits.get("limit"); limit && o.cents > *limit)
      out.push(o.id);
  }
  void process_broadcast(const payment& p, collector<std::string>& out) {
    limits.set(p.order, p.cents);
    out.push("limit " + std::to_string(p.cents));
  }
};

/// Breaks the rule that broadcast state changes with broadcast records only.
struct changes_limits : above_limit {
  void process(const order& o, process_context&, collector<std::string>&) { limits.set(o.id, 0); }
};

std::string paid_text(const order& o, const payment* p) {
  return o.id + (p ? " paid " + std::to_string(p->cents) : " open");
}

} // namespace

TEST_CASE("two streams of one key share their state, at any parallelism") {
  for (const auto parallelism : {1U, 2U, 5U}) {
    bounded_run r{parallelism};
    const auto orders = r.source<order>({{{"a", 100, 0}, {"b", 50, 10}}, {{"c", 70, 20}}}, time_of, 0ms, "orders");
    const auto payments =
      r.source<payment>({{{"a", 100, 500}, {"b", 20, 700}, {"c", 70, 5'000}}}, paid_at, 0ms, "payments");
    const auto rows =
      r.collect(orders.key_by(&order::id).connect(payments.key_by(&payment::order)).process<std::string>(find_unpaid{}));
    r.run();
    const auto said = sorted(rows);
    CHECK(std::find(said.begin(), said.end(), "b owes 30") != said.end());
    CHECK(said.size() >= 1);
    CHECK(std::none_of(said.begin(), said.end(), [](const auto& s) { return s.starts_with("a"); }));
  }
}

TEST_CASE("a broadcast stream reaches every shard of a keyed step, and every actor of one without keys") {
  const auto rules = std::vector<std::vector<payment>>{{{"limit", 60, 0}}};
  {
    bounded_run r{3};
    const auto rows = r.collect(r.source<order>({{}}, time_of, 0ms, "orders")
                                  .key_by(&order::id)
                                  .with_broadcast(r.source<payment>(rules, paid_at, 0ms, "rules"))
                                  .process<std::string>(above_limit{}));
    r.run();
    CHECK(sorted(rows) == std::vector<std::string>(3, "limit 60"));
  }
  bounded_run r{3};
  const auto rows = r.collect(r.source<order>({{}}, time_of, 0ms, "orders")
                                .with_broadcast(r.source<payment>(rules, paid_at, 0ms, "rules"))
                                .process<std::string>(above_limit{})
                                .with_parallelism(2));
  r.run();
  CHECK(sorted(rows) == std::vector<std::string>(2, "limit 60"));
}

TEST_CASE("broadcast state that is changed by a record of the other stream ends the job with what to do") {
  bounded_run r;
  r.collect(r.source<order>({{{"a", 1, 0}}}, time_of, 0ms, "orders")
              .with_broadcast(r.source<payment>({{}}, paid_at, 0ms, "rules"))
              .process<std::string>(changes_limits{}));
  const settings none;
  run_options options;
  options.bounded = true;
  running_job running{r.description().plan(), options, none, r.registry};
  CHECK_THAT(running.wait().reason, Catch::Contains("broadcast-process-1") && Catch::Contains("process_broadcast only"));
}

TEST_CASE("streams are joined by interval, by window, and by what was said last") {
  for (const auto parallelism : {1U, 2U, 5U}) {
    CAPTURE(parallelism);
    bounded_run r{parallelism};
    const auto orders =
      r.source<order>({{{"a", 1, 0}, {"b", 2, 1'000}}, {{"c", 3, 2'000}}}, time_of, 0ms, "orders").key_by(&order::id);
    const auto payments = r.source<payment>({{{"a", 10, 400}, {"b", 20, 900}, {"c", 30, 9'000}}}, paid_at, 0ms, "payments")
                            .key_by(&payment::order);
    const auto near = r.collect(orders.join(payments).between(0s, 1s).left(paid_text), "near");
    const auto together = r.collect(orders.join(payments).window(tumbling(1s)).left(paid_text), "together");
    const auto full = r.collect(
      orders.join(payments).window(tumbling(1s)).full([](const order* o, const payment* p) {
        return (o ? o->id : "-") + "/" + (p ? p->order : "-");
      }),
      "full");
    const auto before = r.collect(orders.lookup(payments).left(paid_text), "before");
    r.run();
    CHECK(sorted(near) == std::vector<std::string>{"a paid 10", "b open", "c open"});
    CHECK(sorted(together) == std::vector<std::string>{"a paid 10", "b open", "c open"});
    CHECK(sorted(full) == std::vector<std::string>{"-/b", "-/c", "a/a", "b/-", "c/-"});
    CHECK(sorted(before) == std::vector<std::string>{"a open", "b paid 20", "c open"});
  }
}

TEST_CASE("an interval with its bounds the wrong way round is refused") {
  bounded_run r;
  const auto keyed = r.source<order>({{}}, time_of).key_by(&order::id);
  r.collect(keyed.join(keyed).between(1s, 0s).inner([](const order& a, const order&) { return a.id; }));
  CHECK_THROWS_WITH(validate(r.description().plan()), Catch::Contains("lower bound is above the upper"));
}

TEST_CASE("streams of two jobs cannot be joined") {
  bounded_run r;
  bounded_run other;
  const auto there = other.source<order>({{}}, time_of).key_by(&order::id);
  r.collect(r.source<order>({{}}, time_of).key_by(&order::id).connect(there).process<order>([] {
    struct both {
      void process_first(const order& o, keyed_context<std::string>&, collector<order>& out) { out.push(o); }
      void process_second(const order& o, keyed_context<std::string>&, collector<order>& out) { out.push(o); }
    };
    return both{};
  }()));
  CHECK_THROWS_WITH(validate(r.description().plan()), Catch::Contains("streams of two jobs"));
}
