#include <leat/bench/operators/pipeline_table.hpp>

namespace leat::bench::operators {

namespace {

struct row {
  std::int64_t key = 0;
  leat::timestamp window_end;
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(row, (), (key, window_end, value))

struct quantile_row {
  std::int64_t key = 0;
  double value = 0;
};
BOOST_DESCRIBE_STRUCT(quantile_row, (), (key, value))

} // namespace

void add_windows(pipeline_table& t) {
  const auto summed = [](const auto& windowed) {
    return windowed.template aggregate<row>(key, window_end, sum(&event::value));
  };
  const auto over = [=](auto windows) {
    return [=](const auto& s) { return summed(s.key_by(&event::key).window(windows)); };
  };
  t.add("tumbling 1 min", over(tumbling(1min)));
  t.add("tumbling 1 h", over(tumbling(1h)));
  t.add("sliding 1 h by 5 s", over(sliding(1h, 5s)), "tumbling 1 h", false);
  t.add("session 1 s", over(session(1s)));
  t.add("processing time 100 ms", over(processing_time(tumbling(duration{100}))));
  t.add("count 100", [=](const auto& s) {
    return s.key_by(&event::key).count_window(100).template aggregate<row>(key, window_end, sum(&event::value));
  });
  t.add("global, every 100", [=](const auto& s) {
    return summed(s.key_by(&event::key).window(global_windows{}).trigger(purging(every_count(100))));
  });
  t.add("tumbling 1 min, lateness", [=](const auto& s) {
    return summed(s.key_by(&event::key).window(tumbling(1min)).allowed_lateness(1s));
  });
  t.add(
    "sliding 1 min by 5 s, lateness",
    [=](const auto& s) { return summed(s.key_by(&event::key).window(sliding(1min, 5s)).allowed_lateness(1s)); },
    "source alone", false);
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
  t.add("tumbling 1 min, quantile", [=](const auto& s) {
    return s.key_by(&event::key)
      .window(tumbling(1min))
      .template aggregate<quantile_row>(key, quantile(0.99, &event::value));
  });
  t.add("tumbling 1 min, over all", [=](const auto& s) {
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

} // namespace leat::bench::operators
