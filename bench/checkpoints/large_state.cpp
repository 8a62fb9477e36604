#include <leat/bench/checkpoints/large_state.hpp>

#include <leat/bench/checkpoints/scratch_folder.hpp>
#include <leat/bench/generated_events.hpp>
#include <leat/leat.hpp>
#include <leat/tests/support/process.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace leat::bench {

namespace {

namespace fs = std::filesystem;

constexpr int rounds = 2; // each key comes so often

std::int64_t key_count() {
  const auto* said = std::getenv("BENCH_LARGE_KEYS"); // of a kilobyte each
  return said ? std::atoll(said) : 1'000'000;
}

struct large {
  std::int64_t times = 0;
  std::string filling;
};
BOOST_DESCRIBE_STRUCT(large, (), (times, filling))

/// Keeps so many bytes for each key, and says so when one has come for the last time.
class keep_much {
public:
  explicit keep_much(std::size_t bytes) : bytes_{bytes} {}

  void open(state_registry& states) { states.add("large", state_); }
  void process(const event& e, keyed_context<std::int64_t>&, collector<event>& out) {
    auto& kept = state_.edit();
    if (kept.times != e.value || (e.value > 0 && kept.filling.size() != bytes_))
      throw std::runtime_error{fmt::format("key {} has come {} times before, not {}", e.key, kept.times, e.value)};
    kept.times = e.value + 1;
    kept.filling.assign(bytes_, static_cast<char>('a' + e.key % 26));
    if (kept.times == rounds)
      out.push(e);
  }

private:
  std::size_t bytes_;
  value_state<large> state_;
};

/// Anonymous memory of a process now, in bytes: without pages of files, which the system may take back.
double anonymous_bytes(pid_t of) {
  std::ifstream in{fmt::format("/proc/{}/status", of)};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("RssAnon:"))
      return std::atof(line.c_str() + 8) * 1024;
  return 0;
}

} // namespace

void report_large_state(bench_report& report) {
  const scratch_folder place{"large"};
  const auto keys = key_count();
  const auto log = place.path("log");
  const auto begin = std::chrono::steady_clock::now();
  testing::process child{
    {fs::canonical("/proc/self/exe").string(), "large", "--keys", std::to_string(keys), "--output", place.path("out"),
     "--set", "checkpoints.directory=" + place.path("state"), "--set", "checkpoints.state-memory=100MB"},
    log};
  double most = 0;
  while (child.running()) {
    most = std::max(most, anonymous_bytes(child.pid()));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::ifstream out{place.path("out")};
  const std::string said{std::istreambuf_iterator<char>{out}, {}};
  if (child.wait() != 0 || said != fmt::format("{}\n", keys)) {
    std::ifstream why{log};
    throw std::runtime_error{
      fmt::format("the large job is wrong: {} {}", said, std::string{std::istreambuf_iterator<char>{why}, {}})};
  }
  const auto file = static_cast<double>(fs::file_size(place.path("state") + "/checkpoints.mdb"));
  report.add({"state that may have 100 MB of memory: the file", file / 1e6, "MB"});
  report.add({"its events", static_cast<double>(rounds * keys) / took.count() / 1e3, "k events/s"});
  report.add({"its anonymous memory at most", most / 1e6, "MB", "the file", most / file});
}

int run_large(int argc, char** argv) {
  command_line_parser parser{"bench-large", "Keeps much for each key."};
  std::string keys = "1000", bytes = "1000", output;
  parser.option("--keys", "NUMBER", "How many keys there are", keys);
  parser.option("--bytes", "NUMBER", "How many bytes are kept for each", bytes);
  parser.option("--output", "FILE", "Where the number of keys goes that came as often as they should", output);
  counted_rows<event> complete;
  const auto code = run(parser, {}, argc, argv, [&](const launch&) {
    job large{"large"};
    const auto count = std::atoll(keys.c_str());
    generated_events events{rounds * count, count, 1};
    events.each_in_turn = true;
    large.source(events)
      .key_by(&event::key)
      .process<event>(keep_much{static_cast<std::size_t>(std::atoll(bytes.c_str()))})
      .sink(complete);
    return large;
  });
  std::ofstream{output} << *complete.rows << "\n";
  return code;
}

} // namespace leat::bench
