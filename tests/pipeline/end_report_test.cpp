#include <leat/pipeline/end_report.hpp>

#include <leat/tests/support/captured_log.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace leat;
using leat::testing::captured_log;

namespace {

/// Writes dead letters to a topic, or none.
class sink_with_letters final : public sink {
public:
  explicit sink_with_letters(std::string place) : place_{std::move(place)} {}

  void open(const connector_context&) override {}
  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override { return nullptr; }
  [[nodiscard]] std::string dead_letters_in() const override { return place_; }

private:
  const std::string place_;
};

/// The end of a job with one sink, 'rows', of whose four records one was refused.
struct end_fixture {
  explicit end_fixture(std::string letters_in) {
    plan.stages.resize(1);
    plan.stages[0].name = "rows";
    plan.stages[0].kind = stage_kind::sink;
    plan.stages[0].sink = std::make_shared<sink_with_letters>(std::move(letters_in));
    registry.get("records_out", "rows", 0).set(3);
    registry.get("dead_letters", "rows", 0).set(1);
    registry.note("first_refusal", "rows", "field `n`");
  }

  void end(bool failed = false) { log_end(plan, {}, registry, 1s, failed); }

  captured_log log;
  metrics registry;
  dataflow_plan plan;
};

const std::string one_refused = "warning: sink 'rows' has been given 4 records, and 1 of them became dead letters: ";

} // namespace

TEST_CASE("at its end a job says where its dead letters are and why the first became one") {
  end_fixture f{"topic \"rows-dlq\""};
  f.end();
  CHECK(f.log.count(one_refused + "they are in topic \"rows-dlq\"; the first reason: field `n`") == 1);
}

TEST_CASE("a job that failed does not say that its dead letters have arrived") {
  end_fixture f{"topic \"rows-dlq\""};
  f.end(true);
  CHECK(f.log.count(one_refused + "they were on their way to topic \"rows-dlq\" when the job failed; the first") == 1);
  CHECK(f.log.count("they are in") == 0);
}

TEST_CASE("dead letters of a connector that writes none are said to be dropped") {
  end_fixture f{""};
  f.end(true);
  CHECK(f.log.count(one_refused + "they were dropped, for this connector writes none; the first reason") == 1);
}
