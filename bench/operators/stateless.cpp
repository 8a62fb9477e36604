#include <leat/bench/operators/pipeline_table.hpp>

namespace leat::bench::operators {

namespace {

/// Emits every second record to a side output.
struct odd_ones_aside {
  side_output<event> odd{"odd"};

  void operator()(const event& e, process_context& c, collector<event>& out) const {
    if (e.value % 2 == 0)
      out.push(e);
    else
      c.emit(odd, e);
  }
};

/// Answers before it returns: what is measured is the step, not what it would wait for.
struct answers_at_once {
  void operator()(const event& e, const async_result<event>& result) const { result.complete(e); }
};

} // namespace

void add_stateless(pipeline_table& t) {
  t.add("source alone", [](const auto& s) { return s; });
  t.add("filter", [](const auto& s) { return s.filter([](const event& e) { return e.value % 2 == 0; }); });
  t.add("map", [](const auto& s) { return s.map([](const event& e) { return event{e.key, e.value + 1}; }); });
  t.add("flat_map", [](const auto& s) {
    return s.template flat_map<event>([](const event& e, collector<event>& out) { out.push(e); });
  });
  t.add("split", [](const auto& s) {
    const auto branches = s.split([](const event& e) { return e.value % 2 == 0; });
    return branches[0].merge(branches[1]);
  });
  t.add("process, side output", [](const auto& s) {
    const odd_ones_aside apart;
    const auto even = s.template process<event>(apart);
    return even.merge(even.side_output(apart.odd));
  });
  t.add("rebalance", [](const auto& s) { return s.rebalance().filter([](const event&) { return true; }); });
  t.add("broadcast", [](const auto& s) { return s.broadcast().filter([](const event& e) { return e.value == 0; }); });
  for (const bool ordered : {true, false})
    t.add(ordered ? "async, ordered" : "async, unordered", [=](const auto& s) {
      return s.template async<event>(answers_at_once{}, {.capacity = 1'000, .ordered = ordered});
    });
  t.add_two("merge", [](const auto& a, const auto& b) { return a.merge(b).filter([](const event&) { return true; }); });
}

} // namespace leat::bench::operators
