#include <leat/connectors/epochs/epoch_book.hpp>

#include <catch2/catch.hpp>

using namespace leat;

TEST_CASE("an epoch under way has half of its room before it asks for a barrier, and is full alone only") {
  const epoch_book book{0};
  CHECK(book.room(499, 1'000) == epoch_room::plenty);
  CHECK(book.room(500, 1'000) == epoch_room::wants_barrier);
  CHECK(book.room(1'000, 1'000) == epoch_room::full);
}

TEST_CASE("logs that wait to be stored leave less room, but no epoch is full because of them") {
  epoch_book book{0};
  (void)book.cut(1, std::make_shared<const std::string>(600, 'x'), true);
  CHECK(book.room(0, 1'000) == epoch_room::wants_barrier);
  CHECK(book.room(399, 1'000) == epoch_room::wants_barrier);
  CHECK(book.room(400, 1'000) == epoch_room::unstored);
  CHECK(book.room(1'000, 1'000) == epoch_room::full);
  (void)book.commit(1);
  CHECK(book.room(400, 1'000) == epoch_room::plenty);
}
