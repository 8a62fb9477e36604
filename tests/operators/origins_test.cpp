#include <leat/operators/async/async_step.hpp>
#include <leat/operators/broadcast_process.hpp>
#include <leat/operators/distribution.hpp>
#include <leat/operators/filter.hpp>
#include <leat/operators/keyed_process.hpp>
#include <leat/operators/map.hpp>
#include <leat/operators/process.hpp>
#include <leat/operators/split.hpp>
#include <leat/operators/validate.hpp>
#include <leat/tests/support/step_fixture.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <set>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;

namespace {

using number = std::int64_t;
using result = async_result<number>;

/// Each number was read as its digits. Whoever asks for the origins of what steps emit has to find just them.
boost::intrusive_ptr<batch<number>> read_numbers(number first, number count) {
  const boost::intrusive_ptr<raw_records> raw{new raw_records{{"numbers", 0}}};
  auto made = batch<number>::fresh();
  for (number i = 0; i < count; ++i) {
    raw->add(first + i, from_millis(0), std::nullopt, std::to_string(first + i));
    made->push(first + i, from_millis(first + i), static_cast<std::uint64_t>(first + i));
    made->set_origin(static_cast<std::size_t>(i), {raw.get(), static_cast<std::uint32_t>(i)});
  }
  return made;
}

dead_letter described(const origin& from) {
  dead_letter letter;
  from.in->describe(from.index, letter);
  return letter;
}

std::string payload_of(const batch_base& in, std::size_t i) {
  const auto from = in.origin(i);
  return from ? described(from).payload.value_or("null") : "unknown";
}

/// The end of a chain: checks each record's origin, or that there is none.
struct origin_checker final : receiver {
  void on_batch(batch_ptr in) override {
    const auto& records = batch<number>::of(*in).records();
    for (std::size_t i = 0; i < records.size(); ++i) {
      CHECK(payload_of(*in, i) == (known ? std::to_string(records[i]) : "unknown"));
      seen.insert(records[i]);
    }
  }
  void on_signal(const signal&) override {}

  bool known = true;
  std::multiset<number> seen;
};

/// Makes letters whose payload is that of their origin, or "record".
struct letters_of_origins final : letter_maker {
  dead_letter make(std::vector<std::string>, const origin& from) override { return described(from); }
  dead_letter make(std::vector<std::string>, timestamp, const encoded_type*, std::string_view) override {
    dead_letter letter;
    letter.payload = "record";
    return letter;
  }
  void on_records(std::size_t) override {}
};

struct letter_reader final : receiver {
  void on_batch(batch_ptr in) override {
    for (const auto& letter : batch<dead_letter>::of(*in).records())
      payloads.insert(letter.payload.value_or("null"));
  }
  void on_signal(const signal&) override {}
  std::multiset<std::string> payloads;
};

/// Steps one behind the other; the last one's records go to `end`, their dead letters to `refused`.
struct origin_chain {
  explicit origin_chain(bool letters = false) : letters_{letters} {}

  template <class Make>
  step& add(Make make) {
    step_context context{std::to_string(++count_), 0, 1, &steps.flow(), &registry, &steps.clock(), {}};
    if (letters_) {
      context.letters = std::make_shared<letters_of_origins>();
      context.side_outputs.push_back({refusals_output, &typeid(dead_letter)});
    }
    auto& added = steps.add(steps.last(), make(std::move(context)));
    if (letters_)
      added.connect(refused, 1);
    return added;
  }

  void give(batch_ptr in, bool shared = false) {
    if (!std::exchange(connected_, true))
      steps.last().connect(end);
    const auto other = shared ? in : nullptr;
    steps.on_batch(std::move(in));
  }

  metrics registry;
  chain steps{"test", registry};
  origin_checker end;
  letter_reader refused;

private:
  const bool letters_;
  bool connected_ = false;
  int count_ = 0;
};

void fail_at(number which, number n) {
  if (n == which)
    throw std::invalid_argument{"not this one"};
}

/// One step of a kind that gives records back as they were, some of them not, some twice.
void add_random(origin_chain& to, std::mt19937& random) {
  switch (random() % 4) {
  case 0:
    to.add(making<map_step, number, number>([](number n) { return n; }));
    break;
  case 1:
    to.add(making<filter_step, number>([odd = random() % 5](number n) { return n % 5 != static_cast<number>(odd); }));
    break;
  case 2:
    to.add(making<validate_step, number>([bad = random() % 7](number n, objections& against) {
      if (n % 7 == static_cast<number>(bad))
        against.add("bad");
    }));
    break;
  default:
    to.add(making<process_step, number, number>([](number n, collector<number>& out) {
      for (number i = 0; i < n % 3; ++i)
        out.push(n);
    }));
  }
}

} // namespace

TEST_CASE("whatever steps a record passes, what it was made of is known behind them and in their letters") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 200; ++round) {
    origin_chain c{true};
    for (auto left = 1 + random() % 4; left > 0; --left)
      add_random(c, random);
    c.give(read_numbers(0, 40), random() % 2 == 0);
    c.give(read_numbers(40, 3), random() % 2 == 0);
    for (const auto& payload : c.refused.payloads)
      CHECK((payload != "record" && std::stoll(payload) < 43));
  }
}

TEST_CASE("steps without letters keep origins too, and make up none") {
  for (const bool shared : {false, true}) {
    origin_chain c;
    c.add(making<map_step, number, number>([](number n) { return n; }));
    c.add(making<filter_step, number>([](number n) { return n != 2; }));
    c.add(making<process_step, number, number>([](number n, collector<number>& out) { out.push(n); }));
    c.give(read_numbers(0, 4), shared);
    CHECK(c.end.seen == std::multiset<number>{0, 1, 3});
    c.end.known = false;
    c.give(batch_of<number>({{7, 0}, {8, 0}}), shared);
    CHECK(c.end.seen == std::multiset<number>{0, 1, 3, 7, 8});
  }
}

TEST_CASE("the letter of a function that throws is what was read") {
  const std::multiset<std::string> three{"3"};
  {
    origin_chain c{true};
    c.add(making<map_step, number, number>([](number n) { return fail_at(3, n), n; }));
    c.give(read_numbers(0, 5));
    CHECK(c.refused.payloads == three);
    CHECK(c.end.seen == std::multiset<number>{0, 1, 2, 4});
  }
  {
    origin_chain c{true};
    c.add(making<filter_step, number>([](number n) { return fail_at(3, n), true; }));
    c.give(read_numbers(0, 5));
    CHECK(c.refused.payloads == three);
  }
  {
    origin_chain c{true};
    const auto key_of = [](number n) { return n; };
    const auto fail = [](number n, keyed_context<number>&, collector<number>&) { fail_at(3, n); };
    using fails = process_by_call<decltype(fail)>;
    c.add([&](step_context context) {
      return std::make_unique<keyed_process_step<number, number, decltype(key_of), number, fails>>(
        std::move(context), key_of, fails{fail});
    });
    c.give(read_numbers(0, 5));
    CHECK(c.refused.payloads == three);
  }
}

TEST_CASE("the letter of a record that is not valid is what was read, in a batch of its own or a shared one") {
  for (const bool shared : {false, true}) {
    origin_chain c{true};
    c.add(making<validate_step, number>([](number n, objections& against) {
      if (n % 3 == 1)
        against.add("bad");
    }));
    c.give(read_numbers(0, 8), shared);
    CHECK(c.refused.payloads == std::multiset<std::string>{"1", "4", "7"});
    CHECK(c.end.seen == std::multiset<number>{0, 2, 3, 5, 6});
  }
}

TEST_CASE("a function over two streams without keys passes on what the records of the first were made of") {
  struct either {
    void process(number n, const process_context&, collector<number>& out) { out.push(n); }
    void process_broadcast(number, const process_context&, collector<number>& out) { out.push(100); }
  };
  origin_chain c;
  auto& step = c.add([](step_context context) {
    return std::make_unique<broadcast_step<number, number, number, either>>(std::move(context), either{});
  });
  c.steps.second_root().connect(*step.second_input());
  c.give(read_numbers(0, 3));
  CHECK(c.end.seen == std::multiset<number>{0, 1, 2});
  c.end.known = false;
  c.steps.on_batch(read_numbers(7, 1), 1);
  CHECK(c.end.seen == std::multiset<number>{0, 1, 2, 100});
}

TEST_CASE("both sides of a split, and what goes to a side output, know what they were made of") {
  origin_chain c;
  auto& split = c.add([](step_context context) {
    const auto odd = [](number n) { return n % 2 != 0; };
    return std::make_unique<split_step<number, decltype(odd)>>(std::move(context), std::tuple{odd});
  });
  split.connect(c.end, 1);
  split.connect(c.end, 2);
  c.give(read_numbers(0, 6));
  CHECK(c.end.seen == std::multiset<number>{0, 1, 2, 3, 4, 5});

  const side_output<number> large{"large"};
  origin_chain d;
  const auto divide = [large](number n, process_context& context, collector<number>& out) {
    if (n > 3)
      context.emit(large, n);
    else
      out.push(n);
  };
  auto& process = d.steps.add(
    d.steps.root(),
    std::make_unique<process_step<number, number, decltype(divide)>>(
      step_context{"divide", 0, 1, &d.steps.flow(), &d.registry, &d.steps.clock(), {{"large", &typeid(number)}}}, divide));
  process.connect(d.end, 1);
  d.give(read_numbers(0, 6));
  CHECK(d.end.seen == std::multiset<number>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("calls that end in another order than they began keep what their records were made of") {
  std::vector<std::pair<number, result>> open;
  origin_chain c{true};
  const auto ask = [&open](number n, result r) { open.emplace_back(n, std::move(r)); };
  c.add([&](step_context context) {
    return std::make_unique<async_step<number, number, decltype(ask)>>(
      std::move(context), async_options{.ordered = false, .retries = {.attempts = 1}}, ask);
  });
  c.give(read_numbers(0, 3));
  c.give(read_numbers(3, 3));
  for (; !open.empty(); open.pop_back()) {
    auto& [n, r] = open.back();
    if (n == 4)
      r.fail("not there");
    else
      r.complete(n);
    c.steps.on_processing_time();
  }
  CHECK(c.end.seen == std::multiset<number>{0, 1, 2, 3, 5});
  CHECK(c.refused.payloads == std::multiset<std::string>{"4"});
}

TEST_CASE("records that go to other actors take with them what they were made of") {
  struct targets final : scatter_targets {
    targets() : scatter_targets{3} {}
    ~targets() override {
      for (std::size_t i = 0; i < size(); ++i)
        close(i);
    }
    void dispatch(std::size_t, batch_ptr full) override { end.on_batch(std::move(full)); }
    origin_checker end;
  };
  const auto key_of = [](number n) { return n; };
  const auto send = [](partitioner& how) {
    targets to;
    const auto shared = read_numbers(0, 20);
    how.scatter(shared, to);
    how.scatter(read_numbers(20, 20), to);
    for (std::size_t i = 0; i < to.size(); ++i)
      to.close(i);
    CHECK(to.end.seen.size() == 40);
  };
  key_partitioner<number, decltype(key_of)> by_key{"step", key_of, 3, 128};
  send(by_key);
  forward_partitioner<number> forward{0};
  send(forward);
  rebalance_partitioner<number> rebalance{0};
  send(rebalance);
}
