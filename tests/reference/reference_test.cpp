#include <leat/tests/reference/random_pipeline.hpp>

#include <catch2/catch.hpp>

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>

namespace leat::reference {

std::string source_name(std::size_t s) { return {static_cast<char>('a' + s)}; }

/// One thing that happens to a running pipeline.
struct happening {
  enum class kind { records, watermark, idle, time, restart } is = kind::records;
  std::size_t source = 0;
  std::uint32_t partition = 0;
  std::vector<fact> facts;         // of `records`
  std::vector<std::int64_t> times; // of each, before the newest time of the partition
  std::int64_t step =
    0; // by how much the newest time grows; how far the watermark stays behind it; how much processing time goes by
  std::uint32_t parallelism = 1; // of the run after a restart
};

void showValue(const happening& h, std::ostream& out) {
  const auto where = source_name(h.source) + std::to_string(h.partition);
  switch (h.is) {
  case happening::kind::records:
    out << where << " goes on by " << h.step << ':';
    for (std::size_t i = 0; i < h.facts.size(); ++i)
      out << " {" << h.facts[i].key << ", " << h.facts[i].value << "}@-" << h.times[i];
    return;
  case happening::kind::watermark:
    out << where << " watermark -" << h.step;
    return;
  case happening::kind::idle:
    out << where << " idle";
    return;
  case happening::kind::time:
    out << "processing time goes on by " << h.step;
    return;
  case happening::kind::restart:
    out << "restart with " << h.parallelism;
  }
}

void showValue(const fact& f, std::ostream& out) { out << '{' << f.key << ", " << f.value << '}'; }

namespace {

happening::kind kind_of(int n) {
  if (n < 10)
    return happening::kind::records;
  if (n < 18)
    return happening::kind::watermark;
  if (n < 23)
    return happening::kind::time;
  return n == 23 ? happening::kind::idle : happening::kind::restart;
}

rc::Gen<std::int64_t> up_to(std::int64_t most) { return rc::gen::inRange<std::int64_t>(0, most + 1); }

rc::Gen<happening> any_happening() {
  return rc::gen::exec([] {
    happening h;
    h.is = kind_of(*rc::gen::inRange(0, 25));
    h.source = static_cast<std::size_t>(*up_to(random_pipeline::sources - 1));
    h.partition = static_cast<std::uint32_t>(*up_to(random_pipeline::partitions - 1));
    h.step = *up_to(12);
    if (h.is == happening::kind::records)
      for (auto left = 1 + *up_to(3); left != 0; --left) {
        h.facts.push_back({*up_to(2), *up_to(50)});
        h.times.push_back(*up_to(15));
      }
    if (h.is == happening::kind::restart)
      h.parallelism = 1 + static_cast<std::uint32_t>(*up_to(2));
    return h;
  });
}

/// Runs a pipeline and its model side by side.
class side_by_side {
public:
  explicit side_by_side(random_pipeline& pipeline) : pipeline_{&pipeline} {}

  void apply(const happening& h) {
    auto input = run_->input<fact>(source_name(h.source), h.partition);
    auto& model = pipeline_->partition(h.source, h.partition);
    auto& newest = newest_[h.source * random_pipeline::partitions + h.partition];
    switch (h.is) {
    case happening::kind::records:
      newest += h.step;
      push(input, model, h, newest);
      break;
    case happening::kind::watermark:
      input.watermark(from_millis(newest - h.step));
      model.watermark(newest - h.step);
      break;
    case happening::kind::idle:
      if (pipeline_->has_detours())
        break;
      input.idle();
      model.idle();
      break;
    case happening::kind::time:
      run_->advance(duration{2 * h.step});
      pipeline_->advance(2 * h.step);
      break;
    case happening::kind::restart:
      restart(h.parallelism);
    }
    end_calls();
    compare();
  }

  void finish() {
    for (std::size_t s = 0; s < random_pipeline::sources; ++s)
      for (std::uint32_t p = 0; p < random_pipeline::partitions; ++p) {
        run_->input<fact>(source_name(s), p).finish();
        end_calls();
        pipeline_->partition(s, p).watermark(end_of_time);
        compare();
      }
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

private:
  static testing::test_options options(std::uint32_t parallelism, std::optional<timestamp> start = {}) {
    return {
      .parallelism = parallelism,
      .start = start,
      .partitions = {{"a", random_pipeline::partitions}, {"b", random_pipeline::partitions}}};
  }

  static void push(testing::test_input<fact>& input, partition_node& model, const happening& h, std::int64_t newest) {
    std::vector<timed_record<fact>> records;
    for (std::size_t i = 0; i < h.facts.size(); ++i) {
      records.push_back({h.facts[i], from_millis(newest - h.times[i])});
      model.record(h.facts[i], newest - h.times[i]);
    }
    input.push_batch(records);
  }

  void restart(std::uint32_t parallelism) {
    const auto saved = run_->snapshot();
    run_.emplace(pipeline_->description(), saved, options(parallelism));
  }

  /// The last call ends first. What one comes to may lead to others.
  void end_calls() {
    while (!pipeline_->calls().empty()) {
      const auto end = std::move(pipeline_->calls().back());
      pipeline_->calls().pop_back();
      end();
      run_->advance(duration::zero());
    }
  }

  void compare() {
    std::vector<timed_fact> real;
    for (const auto& r : run_->output<fact>("out").take_timed())
      real.push_back({r.record, to_millis(r.time)});
    std::sort(real.begin(), real.end());
    const auto expected = pipeline_->sink().take_all();
    rows_ += expected.size();
    RC_ASSERT(text(real) == text(expected));
    RC_ASSERT(millis(run_->output<fact>("out").watermark()) == pipeline_->sink().watermark());
  }

  static std::int64_t millis(timestamp t) {
    if (t == min_timestamp)
      return beginning;
    return t == max_timestamp ? end_of_time : to_millis(t);
  }

  static std::vector<std::string> text(const std::vector<timed_fact>& rows) {
    std::vector<std::string> all;
    for (const auto& r : rows)
      all.push_back(std::to_string(r.what.key) + ": " + std::to_string(r.what.value) + " @" + std::to_string(r.time));
    return all;
  }

  random_pipeline* pipeline_;
  std::optional<testing::test_run> run_{std::in_place, pipeline_->description(), options(1, from_millis(1))};
  std::int64_t newest_[random_pipeline::sources * random_pipeline::partitions] = {};
  std::size_t rows_ = 0;
};

} // namespace

/// All that a pipeline can have.
constexpr const char* all_operators[] = {
  "map",
  "copy",
  "split",
  "split and merge",
  "side outputs",
  "rebalance",
  "partition",
  "async",
  "merge",
  "window",
  "late window",
  "late window of lists",
  "reduced window",
  "all",
  "aggregates",
  "ordered aggregates",
  "aggregate then process",
  "window function",
  "window function of rows",
  "session function",
  "session function of rows",
  "session",
  "session with gaps of the records",
  "trigger",
  "trigger of a function with state",
  "evict",
  "evict before a function with state",
  "count",
  "sliding count",
  "session by the clock",
  "session by the clock with gaps of the records",
  "window by the clock",
  "timers",
  "processing timers",
  "running process",
  "running reduce",
  "running aggregate",
  "value state",
  "list state",
  "map state",
  "reducing state",
  "aggregating state",
  "window join",
  "left window join",
  "full window join",
  "co-group",
  "co-group of sessions",
  "co-group of sessions with gaps of the records",
  "interval join",
  "left interval join",
  "interval join process",
  "late outputs of an interval join",
  "lookup",
  "left lookup",
  "lookup of the latest",
  "left lookup of the latest",
  "co-process",
  "co-map",
  "plain co-process",
  "broadcast",
  "keyed broadcast"};

/// What the cases of a run were, so that one can see whether they test anything.
struct coverage {
  std::int64_t cases = 0;
  std::int64_t with_rows = 0;
  std::map<std::string, std::int64_t> operators{}; // how often each was in a pipeline that emitted rows

  void count(const random_pipeline& pipeline, bool rows) {
    ++cases;
    if (!rows)
      return;
    ++with_rows;
    for (const auto& name : pipeline.operators())
      ++operators[name];
  }
};

TEST_CASE("whatever the pipeline and the streams, the engine emits what the model does, and as soon") {
  coverage seen;
  const bool held = rc::check("engine and model", [&seen] {
    const auto choice = *rc::gen::container<pipeline_choice>(rc::gen::inRange<std::uint8_t>(0, 250));
    random_pipeline pipeline{choice};
    RC_LOG("pipeline: " + pipeline.text());
    const auto script = *rc::gen::scale(2, rc::gen::container<std::vector<happening>>(any_happening()));
    RC_LOG("pipeline: " + pipeline.text());
    side_by_side both{pipeline};
    for (const auto& h : script)
      both.apply(h);
    both.finish();
    seen.count(pipeline, both.rows() != 0);
  });
  CHECK(held);
  if (seen.cases < 500)
    return; // one case is being repeated
  CHECK(seen.with_rows * 2 > seen.cases);
  for (const auto* const name : all_operators) {
    INFO(name);
    CHECK(seen.operators[name] * 400 > seen.cases);
  }
}

} // namespace leat::reference
