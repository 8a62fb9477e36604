// loop-totals: the job of `windowed-totals`, written by hand against librdkafka and simdjson on one thread, as an engineer
// would without a framework: read, parse, add up, write rows when the watermark passes a window. No recovery, no shards, no
// dead letters. What `./dev bench kafka` compares with.
//
// usage: loop-totals BROKERS INPUT OUTPUT   (reads to what is the end of INPUT at start)

#include <fmt/compile.h>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <simdjson.h>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::int64_t window_ms = 60'000;
constexpr std::int64_t late_ms = 5'000;

struct totals {
  std::int64_t count = 0;
  double sum = 0;
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
};

[[noreturn]] void die(std::string_view what) {
  fmt::print(stderr, "loop-totals: {}\n", what);
  std::exit(1);
}

rd_kafka_t* client(rd_kafka_type_t type, const std::vector<std::pair<const char*, const char*>>& properties) {
  auto* conf = rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
      die(why);
  auto* made = rd_kafka_new(type, conf, why, sizeof why);
  if (!made)
    die(why);
  return made;
}

struct partition_state {
  std::int64_t end = 0;
  std::int64_t newest = std::numeric_limits<std::int64_t>::min();
  bool done = false;
};

class loop {
public:
  loop(const char* brokers, const char* input, const char* output) {
    consumer_ = client(
      RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                          {"group.id", "loop-totals"},
                          {"enable.auto.commit", "false"},
                          {"queued.min.messages", "1000000"}});
    producer_ =
      client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers}, {"enable.idempotence", "true"}, {"linger.ms", "5"}});
    topic_ = rd_kafka_topic_new(producer_, output, nullptr);
    assign(input);
  }

  void run() {
    auto* queue = rd_kafka_queue_get_consumer(consumer_);
    std::vector<rd_kafka_message_t*> messages(10'000);
    while (!std::all_of(partitions_.begin(), partitions_.end(), [](const auto& p) { return p.done; })) {
      const auto n = rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
      for (ssize_t i = 0; i < n; ++i) {
        take(*messages[static_cast<std::size_t>(i)]);
        rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
      }
      fire(watermark());
      rd_kafka_poll(producer_, 0);
    }
    fire(std::numeric_limits<std::int64_t>::max());
    rd_kafka_flush(producer_, 60'000);
    rd_kafka_queue_destroy(queue);
    fmt::print("records {} rows {}\n", records_, rows_);
  }

private:
  void assign(const char* input) {
    const struct rd_kafka_metadata* metadata = nullptr;
    auto* topic = rd_kafka_topic_new(consumer_, input, nullptr);
    if (rd_kafka_metadata(consumer_, 0, topic, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
      die("no metadata");
    const auto count = metadata->topics[0].partition_cnt;
    auto* list = rd_kafka_topic_partition_list_new(count);
    partitions_.resize(static_cast<std::size_t>(count));
    for (int p = 0; p < count; ++p) {
      rd_kafka_topic_partition_list_add(list, input, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
      std::int64_t low = 0;
      auto& state = partitions_[static_cast<std::size_t>(p)];
      rd_kafka_query_watermark_offsets(consumer_, input, p, &low, &state.end, 10'000);
      state.done = low >= state.end;
    }
    rd_kafka_assign(consumer_, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
  }

  void take(const rd_kafka_message_t& message) {
    if (message.err)
      return;
    auto& from = partitions_[static_cast<std::size_t>(message.partition)];
    if (message.offset + 1 >= from.end)
      from.done = true;
    if (message.offset >= from.end)
      return;
    ++records_;
    buffer_.resize(message.len + simdjson::SIMDJSON_PADDING);
    std::memcpy(buffer_.data(), message.payload, message.len);
    simdjson::ondemand::document document;
    std::string_view user;
    double amount = 0;
    std::int64_t time = 0;
    if (
      parser_.iterate(buffer_.data(), message.len, buffer_.size()).get(document) ||
      document["user_id"].get_string().get(user) || document["amount"].get_double().get(amount) ||
      document["timestamp"].get_int64().get(time))
      return;
    from.newest = std::max(from.newest, time);
    if (amount <= 0)
      return;
    const auto start = time / window_ms * window_ms;
    if (start + window_ms - 1 <= fired_)
      return;
    if (start != recent_start_) {
      recent_start_ = start;
      recent_ = &windows_[start];
    }
    key_.assign(user);
    auto& t = (*recent_)[key_];
    ++t.count;
    t.sum += amount;
    t.smallest = std::min(t.smallest, amount);
    t.largest = std::max(t.largest, amount);
  }

  [[nodiscard]] std::int64_t watermark() const {
    auto least = std::numeric_limits<std::int64_t>::max();
    for (const auto& p : partitions_) {
      if (p.done)
        continue;
      if (p.newest == std::numeric_limits<std::int64_t>::min())
        return p.newest;
      least = std::min(least, p.newest - late_ms - 1);
    }
    return least;
  }

  void fire(std::int64_t watermark) {
    fired_ = std::max(fired_, watermark);
    while (!windows_.empty() && windows_.begin()->first + window_ms - 1 <= watermark) {
      const auto start = windows_.begin()->first;
      for (const auto& [user, t] : windows_.begin()->second)
        write(user, start, t);
      windows_.erase(windows_.begin());
      recent_start_ = std::numeric_limits<std::int64_t>::min();
    }
  }

  void write(const std::string& user, std::int64_t start, const totals& t) {
    row_.clear();
    fmt::format_to(
      std::back_inserter(row_),
      FMT_COMPILE(
        R"({{"user_id":"{}","window_start":{},"window_end":{},"transactions":{},"total":{},"average":{},"smallest":{},"largest":{}}})"),
      user, start, start + window_ms, t.count, t.sum, t.sum / static_cast<double>(t.count), t.smallest, t.largest);
    while (rd_kafka_produce(
             topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, row_.data(), row_.size(), user.data(), user.size(),
             nullptr) != 0)
      rd_kafka_poll(producer_, 10);
    if (++rows_ % 1000 == 0)
      rd_kafka_poll(producer_, 0);
  }

  rd_kafka_t* consumer_;
  rd_kafka_t* producer_;
  rd_kafka_topic_t* topic_;
  std::vector<partition_state> partitions_;
  std::map<std::int64_t, boost::unordered_flat_map<std::string, totals>> windows_;
  std::int64_t recent_start_ = std::numeric_limits<std::int64_t>::min();
  boost::unordered_flat_map<std::string, totals>* recent_ = nullptr;
  std::int64_t fired_ = std::numeric_limits<std::int64_t>::min();
  simdjson::ondemand::parser parser_;
  std::vector<char> buffer_;
  std::string key_;
  fmt::memory_buffer row_;
  std::int64_t records_ = 0;
  std::int64_t rows_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: {} BROKERS INPUT OUTPUT\n", argv[0]);
    return 2;
  }
  loop{argv[1], argv[2], argv[3]}.run();
  std::fflush(stdout);
  std::_Exit(0); // destroying idle clients takes longer than the work of a small run
}
