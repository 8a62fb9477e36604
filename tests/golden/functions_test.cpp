#include "golden.hpp"

#include <thread>

using namespace leat;
using namespace leat::testing;

namespace {

struct reading {
  std::string machine;
  double heat = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(reading, (), (machine, heat, at))

struct silence {
  std::string machine;
  leat::timestamp since;
  double last_heat = 0;
};
BOOST_DESCRIBE_STRUCT(silence, (), (machine, since, last_heat))

/// Says when nothing was heard of a machine for five seconds: by a timer for each reading, that the next one deletes.
class find_silence {
public:
  void open(state_registry& r) { r.add("heats", heats_); }

  void process(const reading& r, keyed_context<std::string>& machine, collector<silence>&) {
    heats_.set(to_millis(r.at), r.heat);
    for (auto millis = to_millis(r.at) - 4'999; millis < to_millis(r.at); ++millis)
      if (heats_.contains(millis))
        machine.delete_timer(from_millis(millis) + patience);
    machine.set_timer(r.at + patience);
  }

  void on_timer(timestamp when, keyed_context<std::string>& machine, collector<silence>& out) {
    out.push(silence{machine.key(), when - patience, *heats_.get(to_millis(when - patience))});
    heats_.erase(to_millis(when - patience));
  }

private:
  static constexpr duration patience{5'000};

  map_state<std::int64_t, double> heats_; // by the time of the reading
};

struct limit {
  double most = 0;
  leat::timestamp from;
};
BOOST_DESCRIBE_STRUCT(limit, (), (most, from))

struct excess {
  std::string machine;
  leat::timestamp at;
  double heat = 0, most = 0;
};
BOOST_DESCRIBE_STRUCT(excess, (), (machine, at, heat, most))

/// Compares each reading with the limit that held at its time: when its timer fires, all limits up to then have come.
class above_limit {
public:
  void open(state_registry& r) {
    r.add("heats", heats_);
    r.add("limits", limits_);
  }

  void process(const reading& r, keyed_context<std::string>& machine, collector<excess>&) {
    heats_.set(to_millis(r.at), r.heat);
    machine.set_timer(r.at);
  }

  void process_broadcast(const limit& l, collector<excess>&) { limits_.set(to_millis(l.from), l.most); }

  void on_timer(timestamp when, keyed_context<std::string>& machine, collector<excess>& out) {
    const auto heat = *heats_.get(to_millis(when));
    heats_.erase(to_millis(when));
    std::optional<std::pair<std::int64_t, double>> valid;
    for (const auto& [from, most] : limits_.all())
      if (from <= to_millis(when) && (!valid || from > valid->first))
        valid = {from, most};
    if (valid && heat > valid->second)
      out.push(excess{machine.key(), when, heat, valid->second});
  }

private:
  map_state<std::int64_t, double> heats_;
  broadcast_state<std::int64_t, double> limits_;
};

/// Answers from a thread of its own.
struct ask_for_maker {
  void operator()(const reading& r, async_result<std::string> result) const {
    std::thread{[r, result = std::move(result)] {
      result.complete(r.machine + "," + (r.machine < "m2" ? "acme" : "bolt"));
    }}.detach();
  }
};

struct made_by {
  std::string machine, maker;
};
BOOST_DESCRIBE_STRUCT(made_by, (), (machine, maker))

} // namespace

TEST_CASE("a function with state and timers finds silent machines") {
  golden([](golden_run& g) {
    const auto readings = g.read<reading>("readings", &reading::at).key_by(&reading::machine);
    g.expect("silences", readings.process<silence>(find_silence{}));
  });
}

TEST_CASE("broadcast limits hold for every machine from their time on") {
  golden([](golden_run& g) {
    const auto limits = g.read<limit>("limits", &limit::from);
    const auto readings = g.read<reading>("readings", &reading::at).key_by(&reading::machine);
    g.expect("excesses", readings.with_broadcast(limits).process<excess>(above_limit{}));
  });
}

TEST_CASE("two streams become one and are divided again") {
  golden([](golden_run& g) {
    const auto all = g.read<reading>("readings", &reading::at).merge(g.read<reading>("more_readings", &reading::at));
    const auto [hot, cold] = all.split([](const reading& r) { return r.heat >= 80; });
    g.expect("hot", hot, row_order::none);
    g.expect(
      "cold", cold.map([](reading r) {
        r.heat = -r.heat;
        return r;
      }),
      row_order::none);
  });
}

TEST_CASE("calls that are answered elsewhere keep the order of their records") {
  golden([](golden_run& g) {
    const auto asked = g.read<reading>("readings", &reading::at).async<std::string>(ask_for_maker{}, {.capacity = 3});
    g.expect("makers", asked.map([](const std::string& s) {
      return made_by{s.substr(0, s.find(',')), s.substr(s.find(',') + 1)};
    }));
  });
}
