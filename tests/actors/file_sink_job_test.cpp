#include <leat/base/error.hpp>
#include <leat/connectors/files/file_sink.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/tests/support/checkpointed_fixture.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <catch2/catch.hpp>

#include <deque>

using namespace leat;
using namespace leat::testing;

namespace {

/// The checkpointed job with files where its results go; what waits for the disk waits for the test, and is gone with a crash.
struct file_sink_job : checkpointed_fixture {
  using disk_queue = std::deque<std::function<void()>>;

  file_sink_job(unsigned seed, std::size_t roll_at) : checkpointed_fixture{seed, 600} {
    change = [this, roll_at](dataflow_plan& plan) {
      disk = std::make_shared<disk_queue>();
      plan.stages[3].sink = sink_to<window_row>("rows", roll_at);
      plan.stages[4].sink = sink_to<event>("sums", roll_at);
      plan.stages[3].guarantee = plan.stages[4].guarantee = delivery::exactly_once;
    };
    arrive = [this] {
      if (disk->empty())
        return;
      const auto work = std::move(disk->front());
      disk->pop_front();
      work();
    };
  }

  template <class T>
  std::shared_ptr<sink> sink_to(const std::string& name, std::size_t roll_at) {
    file_sink_options o{folder.path(name), roll_at, 1h, folder.path("letters")};
    o.disk = [to = disk](std::function<void()> work) { to->push_back(std::move(work)); };
    return std::make_shared<file_sink>(std::move(o), json, schema_of<T>());
  }

  /// A run that does no more than to complete what the one before has left.
  void restore_and_crash(std::uint32_t shards) {
    const auto job = begin(1, shards);
    while (!disk->empty())
      arrive();
  }

  /// What readers of the folder see.
  template <class T>
  [[nodiscard]] std::vector<T> records_in(const std::string& name) const {
    std::vector<T> all;
    for (const auto& file : folder.names(name)) {
      if (file.starts_with('.'))
        continue;
      std::istringstream text{folder.text(name + '/' + file)};
      for (std::string one; std::getline(text, one);) {
        std::vector<rejection> bad;
        raw_record raw;
        raw.payload = one;
        (void)json.make_decoder(schema_of<T>())->decode({&raw, 1}, &all.emplace_back(), sizeof(T), bad);
        REQUIRE(bad.empty());
      }
    }
    return all;
  }

  void check_files() {
    committed_rows->all = records_in<window_row>("rows");
    committed_sums->all = records_in<event>("sums");
    check_each_once();
  }

  temporary_folder folder;
  std::shared_ptr<disk_queue> disk;
};

} // namespace

TEST_CASE("a job that is killed at any moment has each result in its files once, at whatever parallelism") {
  std::size_t completed_later = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    file_sink_job f{seed, seed % 2 == 0 ? 1U : 6'000U};
    for (std::uint32_t run = 0; run < 5; ++run) {
      f.options.parallelism = 1 + (seed + run) % 3;
      f.run_and_crash(random, 500, 1 + run, seed % 4 == 0);
      const auto before = f.records_in<event>("sums").size();
      f.restore_and_crash(1 + run);
      completed_later += static_cast<std::size_t>(f.records_in<event>("sums").size() > before);
    }
    f.run_to_the_end(seed, 1 + seed % 4);
    f.check_files();
  }
  CHECK(completed_later > 5);
}

TEST_CASE("results of a stream that has ended are in complete files before the job ends") {
  file_sink_job f{1, 1'000'000};
  f.run_to_the_end(1);
  f.check_files();
}

TEST_CASE("a job that was stopped has completed its files, and goes on with new ones") {
  file_sink_job f{1, 1'000'000};
  {
    const auto job = f.begin(1);
    for (int i = 0; i < 500; ++i) {
      if (!job->step() || i % 30 == 0)
        job->pass(100ms);
      f.arrive();
    }
    job->stop();
    REQUIRE(job->run([&] { f.arrive(); }).reason == "");
    CHECK(
      f.records_in<event>("sums").size() + f.records_in<window_row>("rows").size() ==
      static_cast<std::size_t>(job->registry.sum("records_out")));
  }
  f.run_to_the_end(1);
  f.check_files();
}
