#include <leat/connectors/files/file_search.hpp>
#include <leat/connectors/files/file_watch.hpp>
#include <leat/connectors/files/rolling_file.hpp>
#include <leat/tests/support/temporary_folder.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace leat;
using leat::testing::run_threads;
using leat::testing::temporary_folder;

TEST_CASE("readers wait and are woken while files are found, and each file is found once") {
  constexpr int changes = 200;
  const temporary_folder folder;
  file_search search{"step", file_pattern{folder.path()}};
  std::atomic<int> found{0};
  std::atomic<int> woken{0};
  {
    file_watch watch{1ms};
    watch.at_each_interval([&] { found += static_cast<int>(search.find_new().size()); });
    run_threads(3, [&](std::size_t thread) {
      for (int i = 0; i < changes; ++i) {
        if (thread == 0) {
          folder.append(std::to_string(i), "x");
          found += static_cast<int>(search.find_new().size());
          continue;
        }
        const auto before = woken.load();
        watch.wait_for_change(&thread, folder.path("none"), file_facts{}, [&] { ++woken; });
        if (i % 2 == 0)
          watch.forget(&thread);
        else
          while (woken.load() == before)
            std::this_thread::yield();
      }
    });
  }
  CHECK(found == changes);
  CHECK(search.find_new().empty());
}

TEST_CASE("a writer goes on while the disk's thread stores and renames, and asks how far that has come") {
  constexpr std::uint64_t segments = 50;
  const temporary_folder folder;
  const auto disk = std::make_shared<alarm_clock>();
  std::atomic<int> woken{0};
  rolling_file files{{"step", folder.path(), "part", ".json", "", 20, 1h}, disk, [&] { ++woken; }};
  encoded_records line;
  line.bytes = "{\"n\":1}";
  line.ends = {line.bytes.size()};
  for (std::uint64_t i = 1; i <= segments; ++i) {
    files.write(line);
    files.mark(i);
    CHECK(files.stored() <= i);
  }
  files.roll();
  files.mark(segments + 1);
  while (files.stored() <= segments)
    std::this_thread::yield();
  CHECK(folder.names().size() == 17); // three lines in each
  CHECK(woken > 0);
}
