#include "file_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/tests/support/in_child.hpp>

#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

/// What `body` throws in a process that is not root's, for whom nothing is forbidden; empty: nothing.
template <class Body>
std::string as_somebody_else(Body body) {
  const temporary_folder out;
  std::filesystem::permissions(out.path(), std::filesystem::perms::all);
  CHECK(in_child([&] {
          constexpr uid_t nobody = 65'534;
          if (::getuid() == 0 && ::setuid(nobody) != 0)
            return 1;
          try {
            body();
          } catch (const error& e) {
            out.append("reason", e.what());
          }
          return 0;
        }) == 0);
  return out.text("reason");
}

struct bounded_reading : file_world {
  std::shared_ptr<source> open(const std::string& pattern, const format& as = csv, std::size_t longest = 1000) {
    file = std::make_shared<file_source>(
      file_source_options{folder.path(pattern), false, longest}, as, schema_of<line>(), nullptr);
    found = file->open(context);
    return file;
  }

  /// Everything in the only file that the pattern names.
  read_file& all_of(const std::string& pattern, const format& as = csv, std::size_t longest = 1000) {
    open(pattern, as, longest);
    REQUIRE(found.size() == 1);
    all = std::make_unique<read_file>(*file, found.front());
    CHECK(all->drain() == read_status::ended);
    CHECK(all->lag() == 0);
    return *all;
  }

  std::shared_ptr<file_source> file;
  std::vector<partition> found;
  std::unique_ptr<read_file> all;
};

} // namespace

TEST_CASE("a file of JSON lines is read to its end, in its order") {
  bounded_reading r;
  r.folder.append("a.json", "{\"n\":1,\"text\":\"x\"}\n{\"n\":2,\"text\":\"y\"}\n");
  CHECK(r.all_of("a.json", json).lines == std::vector<line>{{1, "x"}, {2, "y"}});
}

TEST_CASE("a last line without a line break counts in a file that is read to its end") {
  bounded_reading r;
  r.folder.append("a.json", "{\"n\":1,\"text\":\"x\"}\n\n{\"n\":2,\"text\":\"y\"}");
  CHECK(r.all_of("a.json", json).numbers() == numbers{1, 2});
}

TEST_CASE("the header of a CSV file names its columns, behind whatever mark and with either line break") {
  bounded_reading r;
  r.folder.append("a.csv", "\xef\xbb\xbftext,n\r\n\"a\nb\",1\r\nc,2\r\n");
  CHECK(r.all_of("a.csv").lines == std::vector<line>{{1, "a\nb"}, {2, "c"}});
}

TEST_CASE("a CSV file without header has its columns in the order of the fields") {
  static constinit const csv_format plain{{.header = false}};
  bounded_reading r;
  r.folder.append("a.csv", "1,a\n2,b\n");
  CHECK(r.all_of("a.csv", plain).numbers() == numbers{1, 2});
}

TEST_CASE("each file of a folder is a partition, but for hidden ones and folders") {
  bounded_reading r;
  r.folder.append("b.csv", "n,text\n");
  r.folder.append("a.csv", "n,text\n");
  r.folder.append(".c.csv.inprogress", "n,text\n");
  std::filesystem::create_directory(r.folder.path("d.csv"));
  r.open("");
  CHECK(r.found == std::vector<partition>{{r.folder.path("a.csv"), -1}, {r.folder.path("b.csv"), -1}});
  r.open("[b-z]*.csv");
  CHECK(r.found == std::vector<partition>{{r.folder.path("b.csv"), -1}});
}

TEST_CASE("a file with two names is read once") {
  bounded_reading r;
  r.folder.append("a.csv", "n,text\n");
  std::filesystem::create_hard_link(r.folder.path("a.csv"), r.folder.path("b.csv"));
  r.open("*.csv");
  CHECK(r.found.size() == 1);
}

TEST_CASE("a name that cannot be looked at is left out, and the other files are read") {
  bounded_reading r;
  r.folder.append("a.csv", "n,text\n");
  std::filesystem::create_symlink("b.csv", r.folder.path("b.csv"));
  r.folder.append("c.csv", "n,text\n");
  for (const auto* pattern : {"*.csv", ""}) {
    r.open(pattern);
    CHECK(r.found == std::vector<partition>{{r.folder.path("a.csv"), -1}, {r.folder.path("c.csv"), -1}});
  }
}

TEST_CASE("what is not there is said at the start") {
  bounded_reading r;
  CHECK_THROWS_WITH(r.open("a.csv"), Catch::Contains("source 'step'") && Catch::Contains("no file or folder"));
  CHECK_THROWS_WITH(r.open("*.csv"), Catch::Contains("no file matches"));
  CHECK_THROWS_WITH(r.open("b/*.csv"), Catch::Contains("there is no folder"));
}

TEST_CASE("what may not be read is said as such, and not as missing") {
  bounded_reading r;
  std::filesystem::create_directory(r.folder.path("locked"));
  r.folder.append("locked/a.csv", "n,text\n");
  const auto why_not = [&](const std::string& pattern, std::filesystem::perms folder, std::filesystem::perms file) {
    std::filesystem::permissions(r.folder.path("locked/a.csv"), file);
    std::filesystem::permissions(r.folder.path("locked"), folder);
    const auto reason = as_somebody_else([&] { r.open(pattern); });
    std::filesystem::permissions(r.folder.path("locked"), std::filesystem::perms::all);
    return reason;
  };
  using enum std::filesystem::perms;
  for (const auto* pattern : {"locked", "locked/a.csv", "locked/*.csv", "*/a.csv"})
    CHECK_THAT(why_not(pattern, none, all), Catch::Contains("locked") && Catch::Contains("Permission denied"));
  for (const auto* pattern : {"locked", "locked/a.csv", "locked/*.csv"}) {
    CHECK_THAT(
      why_not(pattern, owner_read | group_read | others_read, all),
      Catch::Contains("a.csv") && Catch::Contains("Permission denied"));
    CHECK_THAT(why_not(pattern, all, none), Catch::Contains("a.csv") && Catch::Contains("Permission denied"));
  }
}

TEST_CASE("a header that does not fit is said at the start, with the file") {
  bounded_reading r;
  r.folder.append("a.csv", "n,txt\n1,a\n");
  CHECK_THROWS_WITH(r.open("a.csv"), Catch::Contains("a.csv") && Catch::Contains("`txt`"));
}

TEST_CASE("a line that cannot be decoded becomes a dead letter with its place, bytes and reason") {
  bounded_reading r;
  r.folder.append("a.csv", "n,text\n1,a\nx,b\n3,c\n");
  const auto& all = r.all_of("a.csv");
  CHECK(all.numbers() == numbers{1, 3});
  REQUIRE(all.letters.size() == 1);
  CHECK(all.letters[0].topic == r.folder.path("a.csv"));
  CHECK(all.letters[0].offset == 11);
  CHECK(all.letters[0].payload == "x,b");
  CHECK_THAT(all.letters[0].reason, Catch::Contains("field `n`"));
}

TEST_CASE("a line that is too long becomes a dead letter, in bounded memory, and the next is read") {
  bounded_reading r;
  const std::string longest(10'000, 'a');
  r.folder.append("a.csv", "n,text\n1,a\n2," + longest + "\n3,\"" + std::string(1'000'000, 'b') + "\"\n4,d\n");
  const auto& all = r.all_of("a.csv", csv, 5'000);
  CHECK(all.numbers() == numbers{1, 4});
  REQUIRE(all.letters.size() == 2);
  CHECK(all.letters[0].offset == 11);
  CHECK(all.letters[0].payload->size() == 5'000);
  CHECK(all.letters[0].reason == "the line is longer than 5000 bytes");
  CHECK(all.letters[1].offset == 11 + 10'003);
}

TEST_CASE("no line of a quoted text that is too long is taken for a record, whatever blocks it lies across") {
  bounded_reading r;
  std::string text;
  while (text.size() < 1'000'000)
    text += "said \"\"so\"\", and\n7,not a record\n";
  r.folder.append("a.csv", "n,text\n1,a\n2,\"" + text + "\"\n3,c\n");
  const auto& all = r.all_of("a.csv", csv, 5'000);
  CHECK(all.numbers() == numbers{1, 3});
  REQUIRE(all.letters.size() == 1);
  CHECK_THAT(all.letters[0].reason, Catch::Contains("longer than 5000 bytes") && Catch::Contains("quoted field"));
}

TEST_CASE("behind a header that is too long each line becomes a dead letter that says so") {
  bounded_reading r;
  r.folder.append("a.csv", std::string(2'000, 'n') + "\n1,a\n");
  const auto& all = r.all_of("a.csv");
  CHECK(all.lines.empty());
  REQUIRE(all.letters.size() == 1);
  CHECK(all.letters[0].reason == "the header is longer than 1000 bytes");
}

TEST_CASE("random lines come out as they were written, whatever blocks they lie across") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  bounded_reading r;
  std::vector<line> written;
  std::string text = "n,text\n";
  for (std::int64_t n = 0; n < 5'000; ++n) {
    written.push_back({n, std::string(random() % (random() % 50 == 0 ? 20'000 : 200), 'x')});
    text += std::to_string(n) + ',' + written.back().text + '\n';
  }
  r.folder.append("a.csv", text);
  const auto& all = r.all_of("a.csv", csv, 100'000);
  CHECK(all.lines == written);
  CHECK(all.position() == static_cast<std::int64_t>(text.size()));
}

TEST_CASE("what is written after the start is not read") {
  bounded_reading r;
  r.folder.append("a.csv", "n,text\n1,a\n");
  r.open("a.csv");
  r.folder.append("a.csv", "2,b\n");
  read_file all{*r.file, r.found[0]};
  CHECK(all.drain() == read_status::ended);
  CHECK(all.numbers() == numbers{1});
}

TEST_CASE("a file that gets shorter, or another, while it is read ends the job") {
  bounded_reading r;
  r.folder.append("a.csv", "n,text\n1,a\n");
  r.open("a.csv");
  read_file shorter{*r.file, r.found[0]};
  std::filesystem::resize_file(r.folder.path("a.csv"), 5);
  CHECK_THROWS_WITH(shorter.drain(), Catch::Contains("was cut to 5 bytes") && Catch::Contains("a.csv"));
  r.folder.append("b.csv", "n,text\n1,a\n");
  r.open("b.csv");
  read_file gone{*r.file, r.found[0]};
  r.folder.remove("b.csv");
  CHECK_THROWS_WITH(gone.drain(), Catch::Contains("cannot open") && Catch::Contains("b.csv"));
}
