#include <leat/tests/reference/random_pipeline.hpp>

#include <catch2/catch.hpp>

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>

namespace leat::reference {

/// One thing that happens to a running pipeline.
struct happening {
  enum class kind { records, watermark, idle, restart } is = kind::records;
  std::size_t source = 0;
  std::uint32_t partition = 0;
  std::vector<fact> facts;         // of `records`
  std::vector<std::int64_t> times; // of each, before the newest time of the partition
  std::int64_t step = 0;           // by how much the newest time grows; how far the watermark stays behind it
  std::uint32_t parallelism = 1;   // of the run after a restart
};

void showValue(const happening& h, std::ostream& out) {
  const auto where = std::string{static_cast<char>('a' + h.source)} + std::to_string(h.partition);
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
  return n == 18 ? happening::kind::idle : happening::kind::restart;
}

rc::Gen<std::int64_t> up_to(std::int64_t most) { return rc::gen::inRange<std::int64_t>(0, most + 1); }

rc::Gen<happening> any_happening() {
  return rc::gen::exec([] {
    happening h;
    h.is = kind_of(*rc::gen::inRange(0, 20));
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
    auto input = run_->input<fact>(std::string{static_cast<char>('a' + h.source)}, h.partition);
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
    case happening::kind::restart:
      restart(h.parallelism);
    }
    compare();
  }

  void finish() {
    run_->finish();
    for (std::size_t s = 0; s < random_pipeline::sources; ++s)
      for (std::uint32_t p = 0; p < random_pipeline::partitions; ++p)
        pipeline_->partition(s, p).watermark(end_of_time);
    compare();
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

private:
  static testing::test_options options(std::uint32_t parallelism) {
    return {
      .parallelism = parallelism, .partitions = {{"a", random_pipeline::partitions}, {"b", random_pipeline::partitions}}};
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
  std::optional<testing::test_run> run_{std::in_place, pipeline_->description(), options(1)};
  std::int64_t newest_[random_pipeline::sources * random_pipeline::partitions] = {};
  std::size_t rows_ = 0;
};

} // namespace

/// What the cases of a run were, so that one can see whether they test anything.
struct coverage {
  std::int64_t cases = 0;
  std::int64_t with_rows = 0;
  std::map<std::string, std::int64_t> operators{}; // how often each was in a pipeline that emitted rows

  void count(const std::string& pipeline, bool rows) {
    ++cases;
    if (!rows)
      return;
    ++with_rows;
    for (const auto* const name :
         {"map(", "copy(", "merge(", "window(", "late window(", "late window of lists(", "session(", "timers(", "running(",
          "count(", "window join(", "interval join(", "lookup("})
      operators[name] += pipeline.find(name) != std::string::npos;
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
    seen.count(pipeline.text(), both.rows() != 0);
  });
  CHECK(held);
  if (seen.cases < 500)
    return; // one case is being repeated
  CHECK(seen.with_rows * 2 > seen.cases);
  for (const auto& [name, times] : seen.operators) {
    INFO(name);
    CHECK(times * 200 > seen.cases);
  }
}

} // namespace leat::reference
