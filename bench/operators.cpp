// Each operator and kind of window behind the same source in memory, on two shards, with few keys and with many: what an
// event costs there. Beside it the source alone, and for sliding windows tumbling ones. `--only TEXT` measures those whose
// names hold the text, and what they are compared with.

#include <leat/bench/bench_report.hpp>
#include <leat/bench/generated_events.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/leat.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace leat;
using bench::event;

constexpr std::array<std::int64_t, 2> key_counts{10, 1'000'000};

struct row {
  std::int64_t key = 0;
  leat::timestamp window_end;
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(row, (), (key, window_end, value))

struct running_row {
  std::int64_t key = 0;
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(running_row, (), (key, value))

struct quantile_row {
  std::int64_t key = 0;
  double value = 0;
};
BOOST_DESCRIBE_STRUCT(quantile_row, (), (key, value))

/// Remembers a sum and a timer per key.
struct sum_and_timer {
  value_state<std::int64_t> sum;

  void open(state_registry& r) { r.add("sum", sum); }
  void process(const event& e, keyed_context<std::int64_t>& c, collector<running_row>&) {
    sum.edit() += e.value;
    c.set_timer(from_millis(to_millis(c.time()) / 60'000 * 60'000 + 60'000));
  }
  void on_timer(timestamp, keyed_context<std::int64_t>& c, collector<running_row>& out) {
    if (const auto* const all = sum.get()) // otherwise the timer before has said it: partitions are not read in step
      out.push(running_row{c.key(), *all});
    sum.clear();
  }
};

/// Counts the records of two streams.
struct count_both {
  value_state<std::int64_t> count;

  void open(state_registry& r) { r.add("count", count); }
  void process_first(const event&, keyed_context<std::int64_t>&, collector<running_row>&) { ++count.edit(); }
  void process_second(const event&, keyed_context<std::int64_t>&, collector<running_row>&) { ++count.edit(); }
};

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

/// Compares records with what was last said to all actors for the same last digit.
struct above_limit {
  broadcast_state<std::int64_t, std::int64_t> limits;

  void open(state_registry& r) { r.add("limits", limits); }
  void process(const event& e, keyed_context<std::int64_t>&, collector<event>& out) {
    if (const auto* const limit = limits.get(e.key % 10); limit && e.value > *limit)
      out.push(e);
  }
  void process_broadcast(const event& e, collector<event>&) { limits.set(e.key % 10, e.value); }
};

/// Answers before it returns: what is measured is the step, not what it would wait for.
struct answers_at_once {
  void operator()(const event& e, const async_result<event>& result) const { result.complete(e); }
};

/// The fastest of a few runs of one pipeline.
class stopwatch {
public:
  /// @param keys of all events.
  /// @param describe makes the pipeline of a job and a source, and leads it to a sink.
  template <class Describe>
  double events_per_second(std::int64_t keys, std::int32_t sources, Describe describe) {
    double best = 0;
    for (int run = 0; run < runs; ++run) {
      job j{"operators"};
      std::vector<stream<event>> streams;
      for (std::int32_t s = 0; s < sources; ++s)
        streams.push_back(j.source(bench::generated_events{events / 2 / sources, keys, 2, fmt::format("generated-{}", s)}));
      describe(streams);
      run_options options;
      options.threads = 2;
      options.parallelism = 2;
      options.bounded = true;
      const settings none;
      metrics registry;
      const auto begin = std::chrono::steady_clock::now();
      running_job running{j.plan(), options, none, registry};
      const auto result = running.wait();
      const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (result.failed) {
        fmt::print(stderr, "a pipeline failed: {}\n", result.reason);
        std::exit(1);
      }
      best = std::max(best, static_cast<double>(events) / took);
    }
    return best;
  }

private:
  static constexpr std::int64_t events = 4'000'000;
  static constexpr int runs = 2;
};

template <class T>
void count(const stream<T>& s) {
  s.sink(bench::counted_rows<T>{});
}

class table {
public:
  /// A pipeline over one stream.
  template <class Describe>
  void add(const std::string& what, Describe describe, const std::string& beside = "source alone") {
    pipelines_.push_back({what, 1, beside, [=](const auto& streams) { count(describe(streams[0])); }});
  }

  /// A pipeline over two streams, which have the events between them.
  template <class Describe>
  void add_two(const std::string& what, Describe describe) {
    pipelines_.push_back({what, 2, "source alone", [=](const auto& streams) { count(describe(streams[0], streams[1])); }});
  }

  /// Measures what has `only` in its name, and before it what that is compared with.
  /// @returns false when no name has it.
  [[nodiscard]] bool measure(const std::string& only) {
    const auto chosen = with_baselines(only);
    for (const auto& p : pipelines_)
      if (chosen.contains(p.what))
        for (const auto keys : key_counts)
          measure(p, keys);
    return !chosen.empty();
  }

  /// What can be chosen, a line each.
  [[nodiscard]] std::string names() const {
    std::string all;
    for (const auto& p : pipelines_)
      all += "  " + p.what + '\n';
    return all;
  }

  bench::bench_report report{"operators"};

private:
  struct pipeline {
    std::string what;
    std::int32_t sources;
    std::string beside; ///< was added before
    std::function<void(const std::vector<stream<event>>&)> describe;
  };

  [[nodiscard]] std::set<std::string> with_baselines(const std::string& only) const {
    std::set<std::string> chosen;
    for (auto p = pipelines_.rbegin(); p != pipelines_.rend(); ++p)
      if (chosen.contains(p->what) || p->what.find(only) != std::string::npos)
        chosen.insert({p->what, p->beside});
    return chosen;
  }

  void measure(const pipeline& p, std::int64_t keys) {
    const auto speed = stopwatch{}.events_per_second(keys, p.sources, p.describe);
    measured_[{p.what, keys}] = speed;
    report.add(
      {fmt::format("{}, {} keys", p.what, keys), speed, "events/s", p.beside, speed / measured_.at({p.beside, keys}),
       "3 M events/s"});
  }

  std::vector<pipeline> pipelines_;
  std::map<std::pair<std::string, std::int64_t>, double> measured_;
};

void add_stateless(table& t) {
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

void add_keyed(table& t) {
  t.add("running aggregate", [](const auto& s) {
    return s.key_by(&event::key).template aggregate<running_row>(key, sum(&event::value));
  });
  t.add("running reduce", [](const auto& s) {
    return s.key_by(&event::key).reduce([](const event& a, const event& b) { return event{a.key, a.value + b.value}; });
  });
  t.add("process with state and timers", [](const auto& s) {
    return s.key_by(&event::key).template process<running_row>(sum_and_timer{});
  });
  t.add_two("co-process", [](const auto& a, const auto& b) {
    return a.key_by(&event::key).connect(b.key_by(&event::key)).template process<running_row>(count_both{});
  });
  t.add_two("broadcast state", [](const auto& a, const auto& b) {
    return a.key_by(&event::key).with_broadcast(b).template process<event>(above_limit{});
  });
  t.add_two("interval join, 10 ms", [](const auto& a, const auto& b) {
    return a.key_by(&event::key).join(b.key_by(&event::key)).between(0ms, 10ms).inner([](const event& x, const event& y) {
      return event{x.key, x.value + y.value};
    });
  });
  const auto with_latest = [](const event& x, const event* y) { return event{x.key, y ? y->value : 0}; };
  t.add_two("lookup", [=](const auto& a, const auto& b) {
    return a.key_by(&event::key).lookup(b.key_by(&event::key)).left(with_latest);
  });
  t.add_two("lookup, latest", [=](const auto& a, const auto& b) {
    return a.key_by(&event::key).lookup_latest(b.key_by(&event::key)).left(with_latest);
  });
}

void add_windows(table& t) {
  const auto summed = [](const auto& windowed) {
    return windowed.template aggregate<row>(key, window_end, sum(&event::value));
  };
  const auto over = [&](auto windows) {
    return [=](const auto& s) { return summed(s.key_by(&event::key).window(windows)); };
  };
  t.add("tumbling 1 min", over(tumbling(1min)));
  t.add("tumbling 1 h", over(tumbling(1h)));
  t.add("sliding 1 h by 5 s", over(sliding(1h, 5s)), "tumbling 1 h");
  t.add("session 1 s", over(session(1s)));
  t.add("processing time 100 ms", over(processing_time(tumbling(duration{100}))));
  t.add("count 100", [&](const auto& s) {
    return s.key_by(&event::key).count_window(100).template aggregate<row>(key, window_end, sum(&event::value));
  });
  t.add("global, every 100", [&](const auto& s) {
    return summed(s.key_by(&event::key).window(global_windows{}).trigger(purging(every_count(100))));
  });
  t.add("tumbling 1 min, lateness", [&](const auto& s) {
    return summed(s.key_by(&event::key).window(tumbling(1min)).allowed_lateness(1s));
  });
  t.add("sliding 1 min by 5 s, lateness", [&](const auto& s) {
    return summed(s.key_by(&event::key).window(sliding(1min, 5s)).allowed_lateness(1s));
  });
  t.add("tumbling 1 min, reduce", [](const auto& s) {
    return s.key_by(&event::key).window(tumbling(1min)).reduce([](const event& a, const event& b) {
      return event{a.key, a.value + b.value};
    });
  });
  const auto first_of = [](const std::int64_t& k, const time_window& w, const auto& records, collector<row>& out) {
    out.push(row{k, w.end, records.front().record.value});
  };
  t.add("tumbling 1 min, function", [=](const auto& s) {
    return s.key_by(&event::key).window(tumbling(1min)).template process<row>(first_of);
  });
  t.add("tumbling 1 min, newest 10", [=](const auto& s) {
    return s.key_by(&event::key).window(tumbling(1min)).evict(keep_last(10)).template process<row>(first_of);
  });
  t.add("tumbling 1 min, quantile", [&](const auto& s) {
    return s.key_by(&event::key)
      .window(tumbling(1min))
      .template aggregate<quantile_row>(key, quantile(0.99, &event::value));
  });
  t.add("tumbling 1 min, over all", [&](const auto& s) {
    return s.all().window(tumbling(1min)).template aggregate<row>(sum(&event::value), window_end, leat::count);
  });
  t.add_two("window join, 100 ms", [](const auto& a, const auto& b) {
    return a.key_by(&event::key)
      .join(b.key_by(&event::key))
      .window(tumbling(duration{100}))
      .inner([](const event& x, const event& y) {
        return event{x.key, x.value + y.value};
      });
  });
  t.add_two("co-group, 100 ms", [](const auto& a, const auto& b) {
    return a.key_by(&event::key)
      .join(b.key_by(&event::key))
      .window(tumbling(duration{100}))
      .template co_group<row>(
        [](std::int64_t k, const time_window& w, const auto& first, const auto& second, collector<row>& out) {
          out.push(row{k, w.end, static_cast<std::int64_t>(first.size() + second.size())});
        });
  });
}

} // namespace

int main(int argc, char** argv) {
  std::string only;
  const auto json = bench::json_file(argc, argv, &only);
  table t;
  add_stateless(t);
  add_keyed(t);
  add_windows(t);
  if (!t.measure(only)) {
    fmt::print(stderr, "--only {}: no name has that; there are\n{}", only, t.names());
    return 2;
  }
  t.report.print();
  if (json)
    t.report.write_json(*json);
}
