// The store against a std::map: whatever is written, folded, opened again, retained or given up, it holds what the map holds.

#include <leat/persistence/checkpoint_store.hpp>
#include <leat/persistence/retained_checkpoints.hpp>
#include <leat/tests/persistence/store_fixture.hpp>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <memory>

using namespace leat;
using namespace leat::testing;

namespace {

// A store and what it should hold.
class modelled_store {
public:
  void commit() {
    auto made = random_changes(random_, random_() % 60);
    RC_ASSERT(bool(write_checkpoint(*store_, ++number_, made)));
    made.apply_to(model_);
  }

  void give_up() {
    store_->begin(++number_);
    random_changes(random_, 20).add_to(*store_);
    store_->abort();
  }

  void fold() { RC_ASSERT(bool(store_->fold_some(1 + random_() % 20'000).written)); }

  void open_again() {
    lookups_.clear();
    store_.reset();
    store_ = std::make_unique<checkpoint_store>(folder_.path(), eager_folds());
  }

  void retain() {
    const auto number = store_->retain();
    const retained_checkpoints copies{folder_.path()};
    copies.verify(number);
    RC_ASSERT(contents_of(checkpoint_view::open_copy(copies.path(number))) == model_);
    copies.keep_newest(1);
  }

  void drop_a_step() {
    store_->begin(++number_);
    store_->drop("joins");
    RC_ASSERT(bool(store_->commit(job_manifest())));
    std::erase_if(model_, [](const auto& e) { return std::get<0>(e.first) == "joins"; });
  }

  void check() {
    RC_ASSERT(contents_of(*store_) == model_);
    for (const auto* const step : {"totals", "joins"}) {
      auto& entries = lookups_[step];
      entries ? entries->refresh() : void(entries = store_->lookup(step, 128));
    }
    for (int i = 0; i < 60; ++i)
      check_lookup();
  }
  void seed(unsigned n) { random_.seed(n); }

private:
  void check_lookup() {
    const auto place = random_place(random_);
    const auto& [step, state, group, key] = place;
    if (group == group_of_anyone)
      return;                                                                        // of no key
    const auto hash = (std::uint64_t{group} * (std::uint64_t{1} << 25U) + 1) << 16U; // of that group
    const auto found = lookups_.at(step)->find(state, hash, key);
    const auto expected = model_.find(place);
    RC_ASSERT(found.has_value() == (expected != model_.end()));
    if (found)
      RC_ASSERT(*found == expected->second);
  }

  temporary_folder folder_;
  std::unique_ptr<checkpoint_store> store_ = std::make_unique<checkpoint_store>(folder_.path(), eager_folds());
  std::map<std::string, std::unique_ptr<stored_entries>> lookups_; // by step; they live on through folds
  store_contents model_;
  std::mt19937 random_;
  std::uint64_t number_ = 0;
};

} // namespace

TEST_CASE("the store holds what a map would hold, through commits, folds, reopening, copies and dropped steps") {
  CHECK(rc::check([] {
    modelled_store store;
    store.seed(*rc::gen::arbitrary<unsigned>());
    const auto steps = *rc::gen::container<std::vector<int>>(
      rc::gen::weightedElement<int>({{10, 0}, {10, 1}, {2, 2}, {1, 3}, {1, 4}, {1, 5}}));
    for (const auto what : steps) {
      switch (what) {
      case 0:
        store.commit();
        break;
      case 1:
        store.fold();
        break;
      case 2:
        store.open_again();
        break;
      case 3:
        store.give_up();
        break;
      case 4:
        store.retain();
        break;
      default:
        store.drop_a_step();
      }
      store.check();
    }
  }));
}
