#include <leat/connectors/kafka/client.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <string_view>
#include <thread>

namespace leat {

namespace {

/// Says the property's name only: a value may be a password, under a name that was mistyped.
void apply(rd_kafka_conf_t* conf, const client_property& p) {
  std::array<char, 512> text{};
  if (rd_kafka_conf_set(conf, p.name.c_str(), p.value.c_str(), text.data(), text.size()) != RD_KAFKA_CONF_OK)
    throw config_error{
      fmt::format("{}: librdkafka {} refuses \"{}\": {}", p.origin, rd_kafka_version_str(), p.name, text.data())};
}

bool is_hopeless(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL ||
         code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
}

bool asks_for_debug(const std::vector<client_property>& properties) {
  return std::ranges::any_of(properties, [](const auto& p) { return p.name == "debug" && !p.value.empty(); });
}

/// Where `consume`, on this thread, wants errors to go.
thread_local queue_error* consuming = nullptr;

/// Waits until no answer to records of a producer can come: one that says a transaction is fenced would free what is free already
/// (librdkafka 2.0.2, `rd_kafka_txns_term`, then `rd_kafka_txn_set_fatal_error`).
void give_up_records(rd_kafka_t* rk) {
  rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const kafka_ptr<rd_kafka_queue_t> main{rd_kafka_queue_get_main(rk)};
  while (kafka_ptr<rd_kafka_event_t>{rd_kafka_queue_poll(main.get(), 0)}) // else they are warned of as not yet delivered
    continue;
}

/// librdkafka begins its lines with "[thrd:name]: ".
std::string_view without_thread(std::string_view text) {
  const auto end = text.find("]: ");
  return text.starts_with("[thrd:") && end != std::string_view::npos ? text.substr(end + 3) : text;
}

} // namespace

bool is_passing(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
  case RD_KAFKA_RESP_ERR__TRANSPORT:
  case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
  case RD_KAFKA_RESP_ERR__RESOLVE:
  case RD_KAFKA_RESP_ERR__TIMED_OUT:
  case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
  case RD_KAFKA_RESP_ERR__WAIT_COORD:
  case RD_KAFKA_RESP_ERR__WAIT_CACHE:
  case RD_KAFKA_RESP_ERR__IN_PROGRESS:
  case RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS:
  case RD_KAFKA_RESP_ERR__RETRY:
  case RD_KAFKA_RESP_ERR__DESTROY:
  case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
  case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
  case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
  case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
  case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
  case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
  case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
  case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
  case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
  case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
  case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
  case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
  case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
  case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
  case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
  case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
  case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
    return true;
  default:
    return false;
  }
}

bool is_proven(const rd_kafka_message_t& reported) noexcept { return reported.offset >= 0; }

void kafka_client::state::note_error(rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  if (code != RD_KAFKA_RESP_ERR__TRANSPORT && code != RD_KAFKA_RESP_ERR__RESOLVE) // those are in the log already
    log.problem(rd_kafka_err2name(code), rd_kafka_event_error_string(event), is_hopeless(code));
}

void kafka_client::state::note_statistics(rd_kafka_event_t* event) {
  reach.update(rd_kafka_event_stats(event));
  if (reach.all_connected())
    log.connected();
}

void kafka_client::on_log(const rd_kafka_t* rk, int level, const char* facility, const char* text) {
  static_cast<state*>(rd_kafka_opaque(rk))->log.line(level, facility, without_thread(text));
}

/// Called on the thread that serves a queue: while `consume` runs there, the error is its result.
void kafka_client::on_error(rd_kafka_t*, int code, const char* text, void* opaque) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  if (consuming)
    *consuming = {error, text};
  else
    static_cast<state*>(opaque)->log.problem(rd_kafka_err2name(error), text, is_hopeless(error));
}

std::size_t kafka_client::consume(rd_kafka_queue_t* queue, std::span<rd_kafka_message_t*> to, queue_error& failed) const {
  consuming = &failed;
  const auto got = rd_kafka_consume_batch_queue(queue, 0, to.data(), to.size());
  consuming = nullptr;
  return static_cast<std::size_t>(std::max<ssize_t>(got, 0));
}

void kafka_client::on_background_event(rd_kafka_t*, rd_kafka_event_t* event, void* opaque) {
  auto* const self = static_cast<state*>(opaque);
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
    self->note_error(event);
  else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_STATS)
    self->note_statistics(event);
  else if (self->background)
    self->background->on_event(event);
  rd_kafka_event_destroy(event);
}

/// librdkafka takes such callbacks only while a client is made.
void kafka_client::watch_requests(rd_kafka_conf_t* conf, request_watch* with) {
  constexpr const char* name = "leat";
  const auto on_new = [](rd_kafka_t* rk, const rd_kafka_conf_t*, void* opaque, char*, std::size_t) {
    rd_kafka_interceptor_add_on_request_sent(
      rk, name,
      [](rd_kafka_t*, int, const char*, int32_t, int16_t kind, int16_t, int32_t, std::size_t, void* watch) {
        static_cast<request_watch*>(watch)->on_sent(kind);
        return RD_KAFKA_RESP_ERR_NO_ERROR;
      },
      opaque);
    return rd_kafka_interceptor_add_on_response_received(
      rk, name,
      [](
        rd_kafka_t*, int, const char*, int32_t, int16_t kind, int16_t, int32_t, std::size_t, int64_t,
        rd_kafka_resp_err_t failed, void* watch) {
        static_cast<request_watch*>(watch)->on_answered(kind, failed);
        return RD_KAFKA_RESP_ERR_NO_ERROR;
      },
      opaque);
  };
  rd_kafka_conf_interceptor_add_on_new(conf, name, on_new, with);
}

kafka_client::kafka_client(
  client_role role, const std::vector<client_property>& properties, std::string who,
  std::shared_ptr<background_events> background, std::shared_ptr<request_watch> requests)
  : state_{std::make_shared<state>(std::move(who), asks_for_debug(properties))} {
  const bool serves_itself = role == client_role::producer;
  state_->background = std::move(background);
  state_->requests = std::move(requests);
  kafka_ptr<rd_kafka_conf_t> conf{rd_kafka_conf_new()};
  for (const auto& p : properties)
    apply(conf.get(), p);
  rd_kafka_conf_set_opaque(conf.get(), state_.get());
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  if (state_->requests)
    watch_requests(conf.get(), state_->requests.get());
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_ERROR | (serves_itself ? RD_KAFKA_EVENT_DR : RD_KAFKA_EVENT_STATS));
  if (!serves_itself) {
    rd_kafka_conf_set_background_event_cb(conf.get(), &on_background_event);
    rd_kafka_conf_set_error_cb(conf.get(), &on_error);
  }

  std::array<char, 512> text{};
  rk_ = rd_kafka_new(
    role == client_role::consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size());
  if (!rk_)
    throw config_error{fmt::format("kafka.properties: librdkafka refuses them together: {}", text.data())};
  (void)conf.release(); // now owned by the handle

  if (!serves_itself) {
    state_->reach.set_fetch_wait(std::chrono::milliseconds{std::stol(property("fetch.wait.max.ms"))});
    const kafka_ptr<rd_kafka_queue_t> main{rd_kafka_queue_get_main(rk_)};
    const kafka_ptr<rd_kafka_queue_t> in_background{rd_kafka_queue_get_background(rk_)};
    rd_kafka_queue_forward(main.get(), in_background.get());
  }
}

kafka_client::~kafka_client() {
  std::promise<void> gone;
  auto done = gone.get_future();
  std::thread destroying{[rk = rk_, keep = state_, gone = std::move(gone)]() mutable {
    if (rd_kafka_type(rk) == RD_KAFKA_PRODUCER)
      give_up_records(rk);
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    gone.set_value();
  }};
  if (done.wait_for(destroy_patience) == std::future_status::ready) {
    destroying.join();
  } else {
    state_->log.line(4, "DESTROY", fmt::format("does not end within {} s: left behind", destroy_patience.count()));
    destroying.detach();
  }
}

std::string kafka_client::property(const char* name) const {
  std::array<char, 512> value{};
  std::size_t size = value.size();
  if (rd_kafka_conf_get(rd_kafka_conf(rk_), name, value.data(), &size) != RD_KAFKA_CONF_OK)
    throw protocol_error{fmt::format("librdkafka {} has no property \"{}\"", rd_kafka_version_str(), name)};
  return value.data();
}

} // namespace leat
