#include "../support/job_process.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/wait_until.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace leat::testing;
using namespace std::chrono_literals;

namespace {

constexpr int files = 3;
constexpr int events_each = 300'000;

/// file-totals with an input of its own.
struct file_totals {
  file_totals() {
    std::filesystem::create_directory(folder.path("in"));
    std::mt19937 random{7};
    for (int f = 0; f < files; ++f) {
      std::string text = "key,value,at\n";
      for (int i = 0; i < events_each; ++i)
        text += "k" + std::to_string(random() % 20) + "," + std::to_string(random() % 1'000) + "," +
                std::to_string(1'700'000'000'000 + i * 5 - static_cast<int>(random() % 50)) + "\n";
      folder.append("in/" + std::to_string(f) + ".csv", text);
    }
  }

  std::unique_ptr<job_process> start(const std::string& name, const std::string& pace, unsigned parallelism = 2) {
    return std::make_unique<job_process>(
      LEAT_FILE_TOTALS,
      std::vector<std::string>{
        "--bounded", "--input", folder.path("in"), "--output", folder.path(name), "--pace", pace, "--parallelism",
        std::to_string(parallelism), "--set", "progress=never", "--set", "checkpoints.interval=20ms", "--set",
        "checkpoints.directory=" + folder.path(name + "-state"), "--set", "time.max-past=36500d"});
  }

  /// All lines of the complete files, in their order.
  [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> all;
    if (!std::filesystem::exists(folder.path(name)))
      return all;
    for (const auto& file : folder.names(name)) {
      if (file.starts_with('.'))
        continue;
      const auto text = folder.text(name + "/" + file);
      REQUIRE((!text.empty() && text.back() == '\n')); // whole files only
      std::istringstream in{text};
      for (std::string one; std::getline(in, one);)
        all.push_back(one);
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  temporary_folder folder;
};

/// Of the moments at which runs are killed. Not named LEAT_…: the job would take it for a setting.
unsigned wanted_seed() {
  const auto* const wanted = std::getenv("CRASH_SEED");
  return wanted ? static_cast<unsigned>(std::stoul(wanted)) : std::random_device{}();
}

} // namespace

TEST_CASE("a job from files to files that is killed again and again writes what it writes undisturbed") {
  file_totals t;
  CHECK(t.start("undisturbed", "0")->wait_exit() == 0);
  const auto expected = t.lines("undisturbed");
  REQUIRE(expected.size() > 1'000);

  const auto seed = wanted_seed();
  INFO("seed " << seed << " (CRASH_SEED=" << seed << " takes it again)");
  std::mt19937 random{seed};
  int killed = 0;
  std::set<std::size_t> seen; // how much was complete after each kill
  for (unsigned i = 0; i < 10; ++i) {
    const auto before = t.lines("killed").size();
    const auto job = t.start("killed", "20", 1 + i % 3);
    job->wait_running();
    if (i % 2 == 0) // every other one comes further
      wait_until("more complete files", 60s, [&] { return t.lines("killed").size() > before || !job->running(); });
    std::this_thread::sleep_for(std::chrono::milliseconds{random() % 100}); // a crash at any moment
    job->signal(SIGKILL);
    killed += static_cast<int>(job->wait_exit() == 128 + SIGKILL);
    seen.insert(t.lines("killed").size());
  }
  CHECK(killed == 10);
  CHECK(seen.size() > 3); // it has come further in between
  CHECK(*seen.rbegin() < expected.size());
  CHECK(t.start("killed", "0")->wait_exit() == 0);
  CHECK(t.lines("killed") == expected);
}
