#include "crash_run.hpp"

#include "../support/changed_manifest.hpp"
#include "../support/small_disk.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace leat::testing;
using Catch::Matchers::Contains;

// Rows 16, 17 and 18 of the faults: the folder of the checkpoints is full, damaged, or one that cannot be used.

namespace {

/// Flips a bit of what a file has right behind each occurrence of a text: some of them are in use.
void flip_behind_each(const std::string& file, const std::string& text) {
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  auto bytes = all.str();
  for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + text.size()))
    bytes.at(at + text.size()) ^= 1;
  std::ofstream{file, std::ios::binary} << bytes;
}

/// The state of a job that was killed, what it was before it was damaged, and the program that is started on it.
struct killed_job {
  killed_job() {
    run.crash(2, {"--crash-at", "stored", "--crash-after", "6"});
    whole = run.copy_of_state();
  }

  /// Starts the program after the damage: it must end with 1 and say what is wrong, where, and what to do.
  void check_refused(
    const std::function<void(const std::string& file)>& damage, const std::string& wrong, const std::string& remedy) {
    damage(run.directory() + "/checkpoints.mdb");
    const auto job = run.start(2, {"--bounded"});
    CHECK(job->wait_exit() == 1);
    CHECK_THAT(job->log(), Contains(run.directory()) && Contains(wrong) && Contains(remedy));
    std::filesystem::remove_all(run.directory());
    std::filesystem::copy(whole, run.directory());
  }

  crash_run run{crash_input::of(1)};
  std::string whole;
};

} // namespace

TEST_CASE("a full disk stops no job: checkpoints are taken again when there is room, and no result changes", "[fault]") {
  crash_run run{crash_input::of(1)};
  const small_disk disk{run.directory(), "2m"};
  if (!disk.mounted()) {
    WARN("skipped: needs the right to mount a small tmpfs");
    return;
  }
  const auto job = run.start(2, {"--pace", "3"}); // five seconds
  run.wait_for_checkpoints(5);
  disk.fill();
  job->wait_for_log("could not be stored");
  CHECK_THAT(job->log(), Contains(run.directory()) && Contains("free some space"));
  disk.make_room();
  job->wait_for_log("is stored: it can be done again");
  job->crash();
  run.finish(3);
  CHECK(run.wrong() == "");
}

TEST_CASE("a state file that is damaged is refused with what to do, never begun anew or from an older state", "[fault]") {
  using std::filesystem::resize_file;
  const std::string from_a_copy = "start from a retained checkpoint or savepoint";
  killed_job job;
  const auto size = std::filesystem::file_size(job.run.directory() + "/checkpoints.mdb");
  job.check_refused([&](const auto& file) { resize_file(file, size / 2); }, "the file", from_a_copy);
  job.check_refused([](const auto& file) { resize_file(file, 0); }, "is empty", from_a_copy);
  job.check_refused([](const auto& file) { std::filesystem::remove(file); }, "is gone", from_a_copy);
  job.check_refused(
    [&](const auto&) {
      overwrite_manifest(job.run.directory(), [](std::string bytes) {
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
        return bytes;
      });
    },
    "manifest of the checkpoint is damaged", from_a_copy);
  job.check_refused([](const auto& file) { flip_behind_each(file, "key-"); }, "damaged", from_a_copy);
  job.check_refused(
    [&](const auto&) {
      overwrite_manifest(job.run.directory(), [](const std::string& bytes) {
        return manifest_of_version(9, bytes.substr(leat::store_format::manifest_head));
      });
    },
    "newer version of Leat", "that version");
  job.run.finish(3);
  CHECK(job.run.wrong() == "");
}

TEST_CASE("a state directory that cannot be written to, or lies on a network, is refused at the start", "[fault]") {
  crash_run run{crash_input::of(1)};
  const auto on_nfs = run.start(1, {"--on-nfs"});
  CHECK(on_nfs->wait_exit() == 1);
  CHECK_THAT(on_nfs->log(), Contains(run.directory()) && Contains("lies on NFS") && Contains("a disk of this machine"));
  const small_disk disk{run.directory(), "2m"};
  if (!disk.mounted()) {
    WARN("the rest is skipped: it needs the right to mount a small tmpfs");
    return;
  }
  disk.make_read_only();
  const auto read_only = run.start(1);
  CHECK(read_only->wait_exit() == 1);
  CHECK_THAT(read_only->log(), Contains(run.directory()) && Contains("cannot be written to") && Contains("Read-only"));
}
