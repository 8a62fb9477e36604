#include <leat/pipeline/run.hpp>

#include <leat/connectors/spec.hpp>
#include <leat/pipeline/logging.hpp>
#include <leat/tests/pipeline/records.hpp>
#include <leat/tests/support/in_child.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/terminal.hpp>

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

#include <functional>
#include <new>
#include <stdexcept>
#include <system_error>

#include <sys/resource.h>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// A source that cannot be opened, for a reason that is no error of Leat's.
class failing_source final : public source {
public:
  explicit failing_source(std::function<void()> fail) : fail_{std::move(fail)} {}
  std::vector<partition> open(const connector_context&) override {
    fail_();
    return {};
  }
  std::unique_ptr<partition_reader> make_reader(const partition&, std::optional<std::int64_t>, waker) override {
    return nullptr;
  }

private:
  std::function<void()> fail_;
};

struct from_failing {
  using record = line;
  std::function<void()> fail;

  [[nodiscard]] std::string name() const { return "lines"; }
  [[nodiscard]] std::shared_ptr<source> make_source() const { return std::make_shared<failing_source>(fail); }
  [[nodiscard]] std::shared_ptr<sink> make_dead_letters() const { return nullptr; }
  [[nodiscard]] watermark_rule watermarks() const { return {}; }
};

/// A program of one job, its log in a pipe.
struct program {
  program() { set_up_logging(start.config, to); }
  ~program() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("")); }

  /// Runs a job whose source does this when it is opened.
  int run_opening(std::function<void()> open) {
    job j{"lines"};
    j.source(from_failing{std::move(open)}).sink(to_memory<line>{std::make_shared<memory_rows<line>>()});
    return run(j, start);
  }

  std::string log() const { return pipe.drain(); }

  const std::vector<std::string> arguments{"--set", "log.format=text", "--set", "job.threads=1024"};
  launch start = plan_launch(command_line_parser{"lines", "A test."}, {}, arguments, {});
  test_pipe pipe;
  console to{-1, pipe.in()};
};

/// From now on this process gets few threads; root, whom limits do not bind, becomes a user that nobody else is.
void allow_threads(rlim_t few) {
  const rlimit limit{few, few};
  ::setrlimit(RLIMIT_NPROC, &limit);
  if (::geteuid() == 0 && ::setuid(54'321) != 0)
    ::_exit(99);
}

} // namespace

TEST_CASE("threads that the system does not give end the program with what to do about it") {
  program p;
  const int code = in_child([&] {
    allow_threads(8);
    return p.run_opening([] {});
  });
  CHECK(code == exit_failed);
  CHECK_THAT(p.log(), Contains("job.threads: 1024") && Contains("choose fewer"));
}

TEST_CASE("an exception that is no error of Leat's ends the program with its text, not with a crash") {
  program p;
  CHECK(p.run_opening([] { throw std::logic_error{"no such thing"}; }) == exit_failed);
  CHECK_THAT(p.log(), Contains("no such thing"));
}

TEST_CASE("what is emitted and nobody reads is counted at the end, by step and output") {
  program p;
  p.start.line.bounded = true;
  job j{"lines"};
  const auto lines = std::make_shared<memory_log<line>>(std::vector<std::vector<line>>{{{"a"}, {"b"}, {"b"}, {"c"}}});
  const auto is = [](const char* text) { return [text](const line& l) { return l.text == text; }; };
  const auto branches =
    j.source(from_memory<line>{lines, [](const line&) { return timestamp{}; }, 0s}).split(is("a"), is("b"));
  branches[0].sink(to_memory<line>{std::make_shared<memory_rows<line>>()});
  CHECK(run(j, p.start) == exit_done);
  CHECK_THAT(
    p.log(), Contains("step 'split-1' has emitted what nobody reads, and it was dropped: 2 to side output "
                      "\"split[1]\", 1 to side output \"split[2]\";"));
}

TEST_CASE("memory that is not there ends the program with what to do about it") {
  program p;
  CHECK(p.run_opening([] { throw std::bad_alloc{}; }) == exit_failed);
  CHECK_THAT(p.log(), Contains("out of memory") && Contains("channel.credit"));
}

TEST_CASE("what the system refuses ends the program with where to look") {
  program p;
  CHECK(p.run_opening([] { throw std::system_error{EAGAIN, std::generic_category()}; }) == exit_failed);
  CHECK_THAT(p.log(), Contains("Resource temporarily unavailable") && Contains("limits"));
}
