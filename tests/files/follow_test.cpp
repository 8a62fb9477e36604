#include "file_fixture.hpp"

#include <leat/connectors/files/file_watch.hpp>
#include <leat/tests/support/captured_log.hpp>

#include <mutex>

using namespace leat;
using namespace leat::testing;

namespace {

struct following : file_world {
  explicit following(const std::string& pattern, const format& as = csv) : as_{as} {
    options_ = {folder.path(pattern), true, 1000};
  }

  void open() {
    file = std::make_shared<file_source>(options_, as_, schema_of<line>(), nullptr);
    for (const auto& p : file->open(context))
      read.push_back(std::make_unique<read_file>(*file, p));
    file->watch([this](const partition& p) {
      const std::lock_guard lock{m_};
      found_.push_back(p);
    });
  }

  /// Writes a file of one line, and reads that.
  read_file& first_line() {
    folder.append("a.csv", "n,text\n1,a\n");
    open();
    read.front()->wait_for(1);
    return *read.front();
  }

  /// The next file that is discovered.
  read_file& next_file() {
    wait_until(
      "a new file", std::chrono::seconds{20}, [this] { return !names().empty(); }, std::chrono::milliseconds{1});
    const std::lock_guard lock{m_};
    read.push_back(std::make_unique<read_file>(*file, found_.front()));
    found_.erase(found_.begin());
    return *read.back();
  }

  /// The files of the folder that the process has open.
  [[nodiscard]] int open_files() const {
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
      std::error_code gone;
      found += std::filesystem::read_symlink(entry, gone).string().starts_with(folder.path() + '/') ? 1 : 0;
    }
    return found;
  }

  /// Reads on, as often as it is woken, until no file is open.
  void wait_until_closed(read_file& one) {
    wait_until(
      "the file to be closed", std::chrono::seconds{20},
      [&] {
        if (one.woken())
          one.drain();
        return open_files() == 0;
      },
      std::chrono::milliseconds{1});
  }

  /// Of a watch that looks as often as the source's.
  [[nodiscard]] std::uint64_t looks() const { return pace_.looks(); }

  [[nodiscard]] std::vector<partition> names() {
    const std::lock_guard lock{m_};
    return found_;
  }

private:
  file_source_options options_;
  const format& as_;
  file_watch pace_{2ms};
  std::mutex m_;
  std::vector<partition> found_; // guarded by m_

public:
  std::shared_ptr<file_source> file;
  std::vector<std::unique_ptr<read_file>> read;
};

} // namespace

TEST_CASE("a followed file is read as it grows, and half a line waits for its rest") {
  following f{"a.csv"};
  f.folder.append("a.csv", "n,text\n1,a\n2,");
  f.open();
  auto& a = *f.read[0];
  CHECK(a.drain() == read_status::drained);
  CHECK(a.numbers() == numbers{1});
  CHECK(a.lag() == 1);
  f.folder.append("a.csv", "b\n3,c\n");
  a.wait_for(3);
  CHECK(a.numbers() == numbers{1, 2, 3});
  CHECK(a.lag() == 0);
}

TEST_CASE("a followed file that has nothing new wakes nobody") {
  following f{"*.csv"};
  f.folder.append("a.csv", "n,text\n1,a\n");
  f.open();
  CHECK(f.read[0]->drain() == read_status::drained);
  f.wait_until_closed(*f.read[0]);
  f.folder.append("b.csv", "n,text\n"); // found by a look that comes later
  (void)f.next_file();
  CHECK_FALSE(f.read[0]->woken());
}

TEST_CASE("new files that the pattern names are discovered, each once") {
  following f{"*.csv"};
  f.open();
  CHECK(f.read.empty());
  f.folder.append("x.json", "");
  f.folder.append("a.csv", "n,text\n7,a\n");
  f.next_file().wait_for(1);
  f.folder.append("b.csv", "n,text\n8,b\n");
  auto& b = f.next_file();
  b.wait_for(1);
  CHECK(b.numbers() == numbers{8});
  CHECK(f.names().empty());
}

TEST_CASE("a name that cannot be looked at hides no new file, and is told of once") {
  const captured_log log;
  {
    following f{"*.csv"};
    std::filesystem::create_symlink("a.csv", f.folder.path("a.csv"));
    f.open();
    f.folder.append("b.csv", "n,text\n8,b\n");
    f.next_file().wait_for(1);
    f.folder.append("c.csv", "n,text\n9,c\n");
    f.next_file().wait_for(1);
  }
  CHECK(log.count("a.csv") == 1);
}

TEST_CASE("a folder that cannot be searched is told of once, and new files are found when it can be") {
  const captured_log log;
  {
    following f{"in/*.csv"};
    std::filesystem::create_directory(f.folder.path("in"));
    f.open();
    f.folder.rename("in", "aside");
    std::filesystem::create_directory_symlink("in", f.folder.path("in"));
    wait_until("the warning", std::chrono::seconds{20}, [&] { return log.count("symbolic links") > 0; });
    const auto before = f.looks();
    wait_until("some looks", std::chrono::seconds{20}, [&] { return f.looks() > before + 3; });
    f.folder.remove("in");
    f.folder.rename("aside", "in");
    f.folder.append("in/b.csv", "n,text\n8,b\n");
    f.next_file().wait_for(1);
  }
  CHECK(log.count("symbolic links") == 1);
}

TEST_CASE("a new file with a header that does not fit becomes dead letters, line by line") {
  following f{"*.csv"};
  f.open();
  f.folder.append("a.csv", "n,txt\n1,a\n2,b\n");
  auto& a = f.next_file();
  wait_until("dead letters", std::chrono::seconds{20}, [&] {
    a.drain();
    return a.letters.size() == 2;
  });
  CHECK(a.lines.empty());
  CHECK_THAT(a.letters[1].reason, Catch::Contains("`txt`"));
  CHECK(a.letters[1].payload == "2,b");
}

TEST_CASE("a file that is renamed is read to its end, then the new one of its name, and none of them twice") {
  following f{"*.csv"};
  auto& a = f.first_line();
  f.folder.append("a.csv", "2,b\n3,c"); // the last line is never finished
  f.folder.rename("a.csv", "a.1.csv");
  f.folder.append("a.csv", "text,n\nd,4\n");
  a.wait_for(4);
  CHECK(a.numbers() == numbers{1, 2, 3, 4});
  f.folder.rename("a.1.csv", "a.2.csv");
  f.folder.rename("a.csv", "a.1.csv");
  f.folder.append("a.csv", "n,text\n5,e\n");
  a.wait_for(5);
  CHECK(a.numbers() == numbers{1, 2, 3, 4, 5});
  CHECK(f.names().empty());
}

TEST_CASE("what is written to a renamed file while the new one is there already is not lost") {
  following f{"a.csv"};
  auto& a = f.first_line();
  f.folder.rename("a.csv", "a.1");
  f.folder.append("a.csv", "n,text\n3,c\n");
  wait_until("the reader to be woken", std::chrono::seconds{20}, [&] { return a.woken(); });
  CHECK(a.drain() == read_status::drained); // the writer has not heard of the new file yet
  f.folder.append("a.1", "2,b\n");
  a.wait_for(3);
  CHECK(a.numbers() == numbers{1, 2, 3});
}

TEST_CASE("a renamed file is read until nobody has written to it for some looks") {
  following f{"a.csv"};
  auto& a = f.first_line();
  f.folder.rename("a.csv", "a.1");
  f.folder.append("a.csv", "n,text\n9,z\n");
  for (const auto* late : {"2,b\n", "3,c\n", "4,d\n"}) {
    for (int look = 0; look < 5; ++look) {
      wait_until("the reader to be woken", std::chrono::seconds{20}, [&] { return a.woken(); });
      CHECK(a.drain() == read_status::drained);
    }
    f.folder.append("a.1", late);
  }
  a.wait_for(5);
  CHECK(a.numbers() == numbers{1, 2, 3, 4, 9});
}

TEST_CASE("a quiet file is closed, and read on when it is written to") {
  following f{"a.csv"};
  f.folder.append("a.csv", "n,text\n1,a\n2,");
  f.open();
  auto& a = *f.read[0];
  a.wait_for(1);
  CHECK(f.open_files() == 1);
  f.wait_until_closed(a);
  CHECK(a.lag() == 1);
  f.folder.append("a.csv", "b\n3,c\n");
  a.wait_for(3);
  CHECK(a.numbers() == numbers{1, 2, 3});
}

TEST_CASE("what was written to a closed file before it was renamed is read") {
  following f{"a.csv"};
  auto& a = f.first_line();
  f.wait_until_closed(a);
  f.folder.append("a.csv", "2,b\n");
  f.folder.rename("a.csv", "a.1");
  f.folder.append("a.csv", "n,text\n3,c\n");
  a.wait_for(3);
  CHECK(a.numbers() == numbers{1, 2, 3});
}

TEST_CASE("of many followed files only some stay open, and all are read") {
  constexpr int count = 250;
  following f{"*.csv"};
  for (int i = 0; i < count; ++i)
    f.folder.append(std::to_string(i) + ".csv", "n,text\n1,a\n");
  f.open();
  for (const auto& one : f.read)
    CHECK(one->drain() == read_status::drained);
  CHECK(f.open_files() <= 200);
  for (int i = 0; i < count; ++i)
    f.folder.append(std::to_string(i) + ".csv", "2,b\n");
  for (const auto& one : f.read)
    one->wait_for(2);
  CHECK(f.read.size() == count);
}

TEST_CASE("a file that is cut is read again from its start") {
  following f{"a.csv"};
  f.folder.append("a.csv", "n,text\n1,a\n2,b\n");
  f.open();
  auto& a = *f.read[0];
  a.wait_for(2);
  std::filesystem::resize_file(f.folder.path("a.csv"), 0);
  f.folder.append("a.csv", "n,text\n3,c\n");
  a.wait_for(3);
  CHECK(a.numbers() == numbers{1, 2, 3});
  CHECK(a.position() == 11);
}

TEST_CASE("a file that is removed is waited for, whether it has been closed meanwhile or not") {
  for (const bool closed : {false, true}) {
    following f{"a.csv"};
    auto& a = f.first_line();
    f.folder.remove("a.csv");
    wait_until("the reader to be woken", std::chrono::seconds{20}, [&] { return a.woken(); });
    CHECK(a.drain() == read_status::drained);
    if (closed)
      f.wait_until_closed(a);
    f.folder.append("a.csv", "n,text\n2,b\n");
    a.wait_for(2);
    CHECK(a.numbers() == numbers{1, 2});
  }
}

TEST_CASE("a bounded job ends at the ends of the files, though they should be followed") {
  following f{"a.csv"};
  f.folder.append("a.csv", "n,text\n1,a\n");
  f.context.bounded = true;
  f.open();
  CHECK(f.read[0]->drain() == read_status::ended);
  CHECK(f.read[0]->numbers() == numbers{1});
}
