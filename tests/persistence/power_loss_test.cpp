// What a disk may hold after the power was lost: all that was synced, and some of the sectors that were written since.

#include <leat/persistence/checkpoint_store.hpp>
#include <leat/tests/persistence/recorded_disk.hpp>
#include <leat/tests/persistence/store_fixture.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace leat;
using namespace leat::testing;

TEST_CASE("a power loss at any moment leaves the checkpoint that was said to be durable, or the next one, whole") {
  int looked_at = 0, next_ones = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::mt19937 random{seed};
    const temporary_folder folder;
    auto store = std::make_unique<checkpoint_store>(folder.path("made"), eager_folds());
    REQUIRE(write_checkpoint(*store, 1, checkpoint_of_seed(seed, 1)));
    recorded_disk disk{folder.path("made/checkpoints.mdb")};
    disk.say(1);
    for (std::uint64_t n = 2; n <= 40; ++n) {
      REQUIRE(write_checkpoint(*store, n, checkpoint_of_seed(seed, n)));
      disk.say(n);
      if (n % 2 == 0)
        REQUIRE(store->fold_some(30'000).written);
    }
    store.reset();
    std::filesystem::create_directories(folder.path("left"));
    disk.images(random, 60, [&](const std::string& image, std::uint64_t said) {
      CAPTURE(seed, looked_at, said);
      std::ofstream{folder.path("left/checkpoints.mdb"), std::ios::binary} << image;
      const checkpoint_store left{folder.path("left")};
      const auto found = left.manifest().checkpoint;
      REQUIRE((found == said || found == said + 1));
      REQUIRE(contents_of(left) == contents_of_seed(seed, found));
      ++looked_at;
      next_ones += found == said + 1 ? 1 : 0;
    });
  }
  CHECK(looked_at > 200);
  CHECK(next_ones > 0);
}
