#include "crash_loop.hpp"

#include "steady_feed.hpp"

#include "../support/wait_until.hpp"

#include <random>
#include <thread>

namespace leat::testing {

job_summary crash_loop::run(const std::vector<payment>& payments, int per_second) const {
  std::mt19937_64 random{seed};
  const auto group = "of-" + through.input;
  steady_feed feed{through.input, payments, per_second};
  const char* const shards[] = {"1", "2", "7"};
  for (int i = 0; i < kills; ++i) {
    const auto job =
      through.start({"--set", "job.commit-interval=50ms", "--set", "kafka.group=" + group, "--parallelism", shards[i % 3]});
    job->wait_running();
    std::this_thread::sleep_for(std::chrono::milliseconds{random() % static_cast<std::uint64_t>(longest)});
    if (i == 0) // while payments still come: without later ones nothing settles
      wait_until("a commit of group " + group, std::chrono::seconds{30}, [&] { return through.committed(group) > 0; });
    job->crash();
  }
  feed.finish();
  return through.run_bounded({"--set", "kafka.group=" + group});
}

} // namespace leat::testing
