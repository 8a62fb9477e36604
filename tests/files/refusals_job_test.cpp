#include "file_fixture.hpp"

#include <leat/connectors/local.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/pipeline/run.hpp>
#include <leat/tests/support/captured_log.hpp>

#include <mutex>
#include <set>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;

namespace {

/// A program that follows "in.json", refuses lines without text in its step "texts" and notes the numbers of all others.
struct refusing_program : file_world {
  /// @returns its exit code.
  int run_it(const std::vector<std::string>& more = {}) {
    job j{"j"};
    j.source(files::source<line>(folder.path("in.json"), json).follow().dead_letters(folder.path("bad")))
      .named("lines")
      .map([](const line& l) {
        if (l.text.empty())
          refuse();
        return l;
      })
      .named("texts")
      .dead_letters()
      .sink(callback<line>([this](const line& l) {
        const std::lock_guard lock{m};
        heard.insert(l.n);
      }));
    std::vector<std::string> arguments{
      "--set", "checkpoints.directory=" + folder.path("state"), "--set", "checkpoints.interval=5ms"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(j, plan_launch(command_line_parser{"j", "A test."}, {}, arguments, {}));
  }

  [[noreturn]] static void refuse() {
    try {
      throw std::out_of_range{"it has no characters"};
    } catch (...) {
      std::throw_with_nested(std::invalid_argument{"no text"});
    }
  }

  /// All lines of dead letters.
  [[nodiscard]] std::string letters() const {
    std::string all;
    for (const auto& file : folder.names("bad"))
      if (!file.starts_with('.'))
        all += folder.text("bad/" + file);
    return all;
  }

  const captured_log log;
  std::mutex m;
  std::set<std::int64_t> heard; // guarded by m
};

const std::vector<std::string> bounded{"--bounded"};

} // namespace

TEST_CASE("what a step refuses is in the files of dead letters, with its causes, and said at the end") {
  refusing_program p;
  p.folder.append("in.json", "{\"n\":1,\"text\":\"a\"}\n{ \"text\" : \"\", \"n\":2 }\n");
  REQUIRE(p.run_it(bounded) == exit_done);
  CHECK(p.heard == std::set<std::int64_t>{1});
  CHECK_THAT(
    p.letters(), Catch::Contains("\"step\":\"texts\",\"topic\":\"" + p.folder.path("in.json") + "\"") &&
                   Catch::Contains("\"reason\":\"no text\",\"causes\":[\"it has no characters\"]") &&
                   Catch::Contains(R"("partition":null,"offset":19,)") &&
                   Catch::Contains(R"("payload":"{ \"text\" : \"\", \"n\":2 }")"));
  CHECK(
    p.log.count(
      "step 'texts' refuses the record at offset 19 of " + p.folder.path("in.json") +
      ": no text; it goes to the dead letters") == 1);
  CHECK(
    p.log.count("step 'texts' has been given 2 records, and 1 of them became dead letters; the first reason: no text") ==
    1);
}

TEST_CASE("a job of which too much is refused stops, says why, and goes on without loss when it may") {
  refusing_program p;
  const std::vector<std::string> low{"--set", "dead-letters.minimum=20"};
  std::set<std::int64_t> good;
  for (int n = 0; n < 100; ++n) {
    const bool bad = n % 4 != 0;
    p.folder.append("in.json", "{\"n\":" + std::to_string(n) + ",\"text\":\"" + (bad ? "" : "a") + "\"}\n");
    if (!bad)
      good.insert(n);
  }
  CHECK(p.run_it(low) == exit_failed); // it would follow the file for ever
  CHECK(p.log.count("step 'texts' has refused 75 of the last 100 records") == 1);
  CHECK(p.log.count("75 times: no text") == 1);

  p.folder.append("in.json", "{\"n\":100,\"text\":\"a\"}\n");
  good.insert(100);
  auto without = low;
  without.insert(without.end(), {"--bounded", "--set", "dead-letters.limit=none"});
  CHECK(p.run_it(without) == exit_done);
  CHECK(p.heard == good);
  for (int n = 0; n < 100; ++n)
    if (n % 4 != 0)
      CHECK_THAT(p.letters(), Catch::Contains("{\\\"n\\\":" + std::to_string(n) + ","));
}
