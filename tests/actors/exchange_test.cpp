#include <leat/actors/exchange.hpp>
#include <leat/actors/tasks/task_outputs.hpp>

#include <leat/base/error.hpp>
#include <leat/tests/support/task_fakes.hpp>

#include <catch2/catch.hpp>

#include <array>

using namespace leat;
using namespace leat::testing;

namespace {

/// Sends number n to channel n % 2.
struct by_parity final : partitioner {
  void scatter(batch_ptr in, scatter_targets& out) override {
    for (std::size_t i = 0; i < in->size(); ++i) {
      const auto value = batch<std::int64_t>::of(*in).records()[i];
      auto& open = out.open(static_cast<std::size_t>(value % 2));
      if (!open)
        open = batch<std::int64_t>::fresh();
      batch<std::int64_t>::of(*open).push(value, in->timestamps()[i]);
      open->set_origin(open->size() - 1, in->origin(i));
      if (open->full())
        out.close(static_cast<std::size_t>(value % 2));
    }
  }
};

struct exchange_fixture {
  explicit exchange_fixture(std::uint32_t credit, bool copies = false, bool origins = false) {
    std::vector<std::unique_ptr<output_channel>> channels;
    for (auto& m : mailboxes)
      channels.push_back(std::make_unique<output_channel>(0, credit, m.link(), sender));
    out = &outputs.add(std::make_unique<exchange>(std::make_unique<by_parity>(), std::move(channels), copies, origins));
  }

  void give(const std::vector<std::int64_t>& values) {
    auto b = batch<std::int64_t>::fresh();
    for (const auto v : values)
      b->push(v, from_millis(v));
    out->on_batch(std::move(b));
  }

  flow sender;
  std::array<fake_mailbox, 2> mailboxes;
  fake_mailbox& even = mailboxes[0];
  fake_mailbox& odd = mailboxes[1];
  task_outputs outputs;
  exchange* out = nullptr;
};

} // namespace

TEST_CASE("records gather until they are flushed, in one batch per channel") {
  exchange_fixture x{4};
  x.give({1, 2});
  x.give({3, 4});
  CHECK((x.even.empty() && x.odd.empty()));
  CHECK(x.outputs.flushable());
  x.outputs.flush();
  CHECK_FALSE(x.outputs.flushable());
  CHECK(x.odd.batches() == 1);
  CHECK(x.odd.told() == story{"1@1", "3@3"});
  CHECK(x.even.told() == story{"2@2", "4@4"});
}

TEST_CASE("a signal goes to every channel, behind the records before it") {
  exchange_fixture x{4};
  x.give({1});
  x.out->on_signal(signal::barrier(1));
  x.give({3});
  CHECK(x.odd.told() == story{"1@1", "barrier 1"});
  CHECK(x.even.told() == story{"barrier 1"});
}

TEST_CASE("a signal without records before it costs no credit") {
  exchange_fixture x{1};
  for (int i = 0; i < 5; ++i)
    x.out->on_signal(watermark(i));
  CHECK(x.out->channel(0).has_credit());
  CHECK(x.out->channel(1).has_credit());
  CHECK_FALSE(x.sender.blocked());
}

TEST_CASE("a flush leaves what has no credit to go on filling, and blocks nobody") {
  exchange_fixture x{1};
  x.give({1, 2});
  x.outputs.flush();
  x.give({3, 4});
  x.outputs.flush();
  CHECK_FALSE(x.outputs.flushable());
  CHECK_FALSE(x.sender.blocked());
  x.give({5});
  x.outputs.refund(1, 1);
  CHECK(x.outputs.flushable());
  x.outputs.flush();
  CHECK(x.odd.told() == story{"1@1", "3@3", "5@5"});
  CHECK(x.even.told() == story{"2@2"});
}

TEST_CASE("one channel without credit blocks the sender until its own credit comes back") {
  exchange_fixture x{1};
  x.give({1, 2});
  x.outputs.flush();
  x.give({3});
  x.out->on_signal(signal::barrier(1));
  CHECK(x.sender.blocked());
  x.outputs.refund(0, 1);
  CHECK(x.sender.blocked());
  x.outputs.refund(1, 1);
  CHECK_FALSE(x.sender.blocked());
  CHECK(x.odd.told() == story{"1@1", "3@3", "barrier 1"});
}

TEST_CASE("credit for a channel that does not exist is refused") {
  exchange_fixture x{1};
  CHECK_THROWS_WITH(x.outputs.refund(2, 1), "credit came back for output 2, which does not exist");
}

TEST_CASE("the channels of several exchanges are numbered through") {
  exchange_fixture x{1};
  fake_mailbox third;
  std::vector<std::unique_ptr<output_channel>> channels;
  channels.push_back(std::make_unique<output_channel>(0, 1, third.link(), x.sender));
  auto& other =
    x.outputs.add(std::make_unique<exchange>(std::make_unique<forward_partitioner<std::int64_t>>(0), std::move(channels)));
  other.on_batch(batch_of<std::int64_t>({{9, 9}}));
  x.outputs.flush();
  CHECK_FALSE(other.channel(0).has_credit());
  x.outputs.refund(2, 1);
  CHECK(other.channel(0).has_credit());
}

TEST_CASE("where records are copied no barrier overtakes, now or later") {
  exchange_fixture x{1, true};
  x.give({1});
  x.out->on_signal(watermark(1)); // the credit is spent
  x.give({3});
  x.out->on_signal(signal::overtaking_barrier(1));
  x.out->pull_forward(1);
  CHECK(x.odd.told() == story{"1@1", "watermark 1"});
  CHECK_FALSE(x.outputs.passed(1));
}

TEST_CASE("what records were made of is kept on their way only for whoever asks") {
  for (const bool asked : {false, true}) {
    exchange_fixture x{4, false, asked};
    const boost::intrusive_ptr<raw_records> raw{new raw_records{{"numbers", 0}}};
    raw->add(0, from_millis(0), std::nullopt, "2");
    auto two = batch<std::int64_t>::fresh();
    two->push(2, from_millis(2));
    two->set_origin(0, {raw.get(), 0});
    x.out->on_batch(std::move(two));
    CHECK(raw->use_count() == (asked ? 2 : 1));
  }
}
