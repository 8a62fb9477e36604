// What is on disk may have been cut off or changed: a restore gives exactly what was stored, or says what is damaged.

#include <leat/base/error.hpp>
#include <leat/persistence/checkpoint_store.hpp>
#include <leat/persistence/lmdb/lmdb_pages.hpp>
#include <leat/persistence/lmdb/page_file.hpp>
#include <leat/persistence/retained_checkpoints.hpp>
#include <leat/tests/persistence/store_fixture.hpp>
#include <leat/tests/support/in_child.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

using namespace leat;
using namespace leat::testing;

#ifdef __SANITIZE_ADDRESS__
// A child begins as a copy of this process, with what AddressSanitizer keeps of the memory that was freed.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=8"; }
#endif

namespace {

enum outcome { exact, refused, wrong };

// A store with deltas, a base, free pages and a retained copy; and what becomes of it when its file is damaged.
class damaged_store {
public:
  explicit damaged_store(unsigned seed) : seed_{seed} {
    checkpoint_store store{folder_.path("made"), eager_folds()};
    for (std::uint64_t n = 1; n <= checkpoints; ++n) {
      REQUIRE(write_checkpoint(store, n, checkpoint_of_seed(seed, n)));
      if (n % 3 == 0)
        REQUIRE(store.fold_some(20'000).written);
    }
    store.retain();
    file_ = read(folder_.path("made/checkpoints.mdb"));
    copy_ = read(retained_checkpoints{folder_.path("made")}.path(checkpoints));
  }

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& copy() const { return copy_; }

  // Opened by a job that restores. In a process of its own: a crash is an outcome too, and a wrong one.
  [[nodiscard]] outcome open(const std::string& bytes) const {
    const auto directory = folder_.path("damaged");
    std::filesystem::create_directories(directory);
    write(directory + "/checkpoints.mdb", bytes);
    return judged([&] { return contents_of(checkpoint_store{directory}); });
  }

  // The same, and the job goes on from there: what was damaged may be what is written to next.
  [[nodiscard]] outcome open_and_write(const std::string& bytes) const {
    const auto directory = folder_.path("written");
    std::filesystem::create_directories(directory);
    write(directory + "/checkpoints.mdb", bytes);
    return judged(
      [&] {
        {
          checkpoint_store store{directory, eager_folds()};
          for (auto n = checkpoints + 1; n <= later_checkpoints; ++n)
            if (!write_checkpoint(store, n, checkpoint_of_seed(seed_, n)) || !store.fold_some(20'000).written)
              return store_contents{};
        }
        return contents_of(checkpoint_store{directory});
      },
      later_checkpoints);
  }

  [[nodiscard]] outcome open_view(const std::string& bytes) const {
    const auto directory = folder_.path("viewed");
    std::filesystem::create_directories(directory);
    write(directory + "/checkpoints.mdb", bytes);
    return judged([&] { return contents_of(checkpoint_view::open(directory)); });
  }

  [[nodiscard]] outcome open_copy(const std::string& bytes) const {
    write(folder_.path("copy.mdb"), bytes);
    return judged([&] { return contents_of(checkpoint_view::open_copy(folder_.path("copy.mdb"))); });
  }

private:
  static constexpr std::uint64_t checkpoints = 11;
  static constexpr std::uint64_t later_checkpoints = 16;

  [[nodiscard]] outcome judged(const std::function<store_contents()>& open, std::uint64_t expected = checkpoints) const {
    const auto code = in_child([&] {
      ::alarm(20); // to hang is wrong too
      try {
        return open() == contents_of_seed(seed_, expected) ? exact : wrong;
      } catch (const state_error& e) {
        return std::string{e.what()}.empty() ? wrong : refused;
      }
    });
    return code == exact || code == refused ? static_cast<outcome>(code) : wrong;
  }

  static std::string read(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream{path, std::ios::binary}.rdbuf();
    return all.str();
  }
  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
  }

  unsigned seed_;
  temporary_folder folder_;
  std::string file_;
  std::string copy_;
};

std::string with_byte(std::string bytes, std::size_t at, unsigned mask) {
  bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ mask);
  return bytes;
}

// The meta pages, all of them or every so many bytes, heads of pages, and places anywhere.
std::set<std::size_t> places(std::mt19937& random, std::size_t bytes, std::size_t anywhere, std::size_t stride = 1) {
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < 152; i += stride) {
    all.insert(i);
    all.insert(4096 + i);
  }
  for (std::size_t page = 2; page < bytes / 4096; ++page)
    all.insert(page * 4096 + random() % 24);
  for (std::size_t i = 0; i < anywhere; ++i)
    all.insert(random() % bytes);
  return all;
}

// The file with one page that is in use written into a list of free pages, where it does not disturb the order; every way
// there is to do so in the first page of the lists.
std::vector<std::string> with_used_pages_listed_free(const std::string& path, const std::string& file) {
  const page_file pages{path};
  const auto leaf = pages.tree_page(pages.newest().free.root);
  std::set<std::uint64_t> free;
  std::vector<std::string> lists;
  for (std::size_t i = 0; i < leaf.nodes(); ++i) {
    lists.push_back(pages.value(leaf.leaf_node(i)));
    for (std::uint64_t n = 1; n <= lmdb_format::word(lists.back(), 0); ++n)
      free.insert(lmdb_format::word(lists.back(), 8 * n));
  }
  std::vector<std::string> damaged;
  for (const auto& list : lists) {
    const auto at = file.find(list, pages.newest().free.root * 4096);
    for (std::uint64_t n = 1; n < lmdb_format::word(list, 0); ++n)
      if (const auto used = lmdb_format::word(list, 8 * n) - 1; !free.contains(used) && used > 1) {
        damaged.push_back(file);
        std::memcpy(damaged.back().data() + at + 8 * n, &used, sizeof used);
      }
  }
  return damaged;
}

} // namespace

TEST_CASE("a flipped bit anywhere in the file is found, or is where nothing lies") {
  const damaged_store store{11};
  REQUIRE(store.open(store.file()) == exact);
  std::mt19937 random{1};
  int found = 0;
  for (const auto at : places(random, store.file().size(), 400)) {
    CAPTURE(at);
    const auto what = store.open(with_byte(store.file(), at, 1U << random() % 8));
    CHECK(what != wrong);
    found += what == refused ? 1 : 0;
  }
  CHECK(found > 200);
}

TEST_CASE("a byte that became another in the meta pages never brings back an older checkpoint") {
  const damaged_store store{12};
  for (std::size_t at = 0; at < 152; ++at)
    for (const auto mask : {0x01U, 0xffU}) {
      CAPTURE(at, mask);
      CHECK(store.open(with_byte(store.file(), at, mask)) != wrong);
      CHECK(store.open(with_byte(store.file(), 4096 + at, mask)) != wrong);
    }
}

TEST_CASE("a list of free pages that names a page in use is found before that is given away") {
  const damaged_store store{16};
  const temporary_folder folder;
  folder.append("whole.mdb", store.file());
  REQUIRE(store.open_and_write(store.file()) == exact);
  const auto damaged = with_used_pages_listed_free(folder.path("whole.mdb"), store.file());
  REQUIRE(damaged.size() > 5);
  for (const auto& bytes : damaged)
    CHECK(store.open_and_write(bytes) == refused);
}

TEST_CASE("a meta page with the number of another transaction does not bring back an older checkpoint") {
  const damaged_store store{17};
  constexpr std::size_t number = 16 + 128; // in the page
  for (const std::size_t page : {0, 1})
    for (const auto by : {-2, 2}) {
      auto bytes = store.file();
      auto& low = bytes[page * 4096 + number];
      low = static_cast<char>(low + by);
      CAPTURE(page, by);
      CHECK(store.open(bytes) == refused);
    }
}

TEST_CASE("a page of zeros or of something else is found, or was free") {
  const damaged_store store{13};
  std::mt19937 random{2};
  for (std::size_t page = 0; page < store.file().size() / 4096; ++page) {
    CAPTURE(page);
    auto zeros = store.file();
    std::fill_n(zeros.begin() + static_cast<std::ptrdiff_t>(page * 4096), 4096, '\0');
    CHECK(store.open(zeros) != wrong);
    auto other = store.file();
    const auto from = random() % (store.file().size() / 4096);
    std::copy_n(
      store.file().begin() + static_cast<std::ptrdiff_t>(from * 4096), 4096,
      other.begin() + static_cast<std::ptrdiff_t>(page * 4096));
    CHECK(store.open(other) != wrong);
  }
}

TEST_CASE("a file that was cut off anywhere is refused before it is read") {
  const damaged_store store{14};
  std::mt19937 random{3};
  int refusals = 0;
  for (const auto bytes : places(random, store.file().size(), 100, 7)) {
    CAPTURE(bytes);
    const auto how = store.open(store.file().substr(0, bytes));
    CHECK(how != wrong); // pages at the end may be free
    refusals += how == refused ? 1 : 0;
  }
  CHECK(refusals > 90);
}

TEST_CASE("a file whose last pages are free need not have them") {
  int short_ones = 0;
  for (unsigned seed = 1; seed <= 200 && short_ones < 3; ++seed) {
    const temporary_folder folder;
    const auto file = folder.path("checkpoints.mdb");
    auto store = std::make_unique<checkpoint_store>(folder.path(), eager_folds());
    for (std::uint64_t n = 1; n <= 60; ++n) {
      REQUIRE(write_checkpoint(*store, n, checkpoint_of_seed(seed, n)));
      if (n % 2 == 0)
        REQUIRE(store->fold_some(30'000).written);
      const auto facts = check_lmdb_head(file, false);
      if (std::filesystem::file_size(file) >= facts.pages * facts.page_bytes)
        continue;
      ++short_ones;
      CHECK(contents_of(checkpoint_view::open(folder.path())) == contents_of_seed(seed, n));
      store.reset();
      store = std::make_unique<checkpoint_store>(folder.path(), eager_folds());
      CHECK(contents_of(*store) == contents_of_seed(seed, n));
    }
  }
  CHECK(short_ones > 0);
}

TEST_CASE("a view and a retained copy find a flipped bit as the store does") {
  const damaged_store store{15};
  std::mt19937 random{4};
  REQUIRE(store.open_copy(store.copy()) == exact);
  REQUIRE(store.open_view(store.file()) == exact);
  for (const auto at : places(random, store.copy().size(), 60, 3)) {
    CAPTURE(at);
    CHECK(store.open_copy(with_byte(store.copy(), at, 1U << random() % 8)) != wrong);
    CHECK(store.open_view(with_byte(store.file(), at, 1U << random() % 8)) != wrong);
  }
  for (const auto bytes : places(random, store.copy().size(), 50, 9))
    CHECK(store.open_copy(store.copy().substr(0, bytes)) == refused);
}
