#include <leat/connectors/http/http_client.hpp>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include <curl/curl.h>

namespace leat {

namespace {

constexpr int poll_patience = 1'000; // ms: libcurl knows its own timeouts, and who sends wakes the thread
constexpr std::chrono::milliseconds pause_after_failure{100};
constexpr long most_redirections = 5;
constexpr std::size_t connections_ahead = 4; // requests that libcurl has, for each connection

using clock = std::chrono::steady_clock;

/// Once for the process.
void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK)
    throw std::runtime_error{fmt::format("libcurl does not start: {}", curl_easy_strerror(started))};
}

long millis(duration d) { return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(d).count()); }

} // namespace

/// The client's thread, and what is handed to it.
class http_client::loop {
  struct easy_deleter {
    void operator()(CURL* p) const noexcept { curl_easy_cleanup(p); }
  };
  struct multi_deleter {
    void operator()(CURLM* p) const noexcept { curl_multi_cleanup(p); }
  };
  struct list_deleter {
    void operator()(curl_slist* p) const noexcept { curl_slist_free_all(p); }
  };
  using easy_ptr = std::unique_ptr<CURL, easy_deleter>;
  using multi_ptr = std::unique_ptr<CURLM, multi_deleter>;
  using list_ptr = std::unique_ptr<curl_slist, list_deleter>;

  /// A request under way, with all that libcurl points to until there is a response.
  struct exchange {
    http_request request;
    std::function<void(http_response)> then;
    clock::time_point until{};
    http_response response{};
    list_ptr headers{};
    std::array<char, CURL_ERROR_SIZE> error{};
    std::size_t most_bytes = 0;
    easy_ptr easy{};

    void fail(std::string why) {
      response = {};
      response.failure = std::move(why);
      then(std::move(response));
    }
  };

public:
  explicit loop(http_options options) : options_{std::move(options)}, multi_{make_multi()}, thread_{[this] { run(); }} {}
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  ~loop() {
    ending_ = true;
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  void send(http_request request, std::function<void(http_response)> then) {
    auto e = std::make_unique<exchange>();
    e->request = std::move(request);
    e->then = std::move(then);
    e->until = clock::now() + options_.timeout;
    {
      const std::lock_guard lock{mutex_};
      waiting_.push_back(std::move(e));
    }
    curl_multi_wakeup(multi_.get());
  }

private:
  static multi_ptr make_multi() {
    start_libcurl();
    multi_ptr multi{curl_multi_init()};
    if (!multi)
      throw std::bad_alloc{};
    return multi;
  }

  static list_ptr make_list(const std::vector<std::pair<std::string, std::string>>& headers) {
    list_ptr list;
    for (const auto& [name, value] : headers) {
      curl_slist* const longer = curl_slist_append(list.get(), fmt::format("{}: {}", name, value).c_str());
      if (longer == nullptr)
        throw std::bad_alloc{};
      (void)list.release(); // it begins `longer` now
      list.reset(longer);
    }
    return list;
  }

  static std::size_t take_body(const char* bytes, std::size_t, std::size_t size, void* to) {
    auto& e = *static_cast<exchange*>(to);
    if (e.response.body.size() + size > e.most_bytes)
      return 0; // ends the exchange with CURLE_WRITE_ERROR
    try {
      e.response.body.append(bytes, size);
    } catch (const std::bad_alloc&) { // what calls this is C
      return 0;
    }
    return size;
  }

  void run() {
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options_.connections));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.connections));
    while (!ending_) {
      start_waiting(connections_ahead * options_.connections);
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      const bool room = finish_ended();
      if (!room && curl_multi_poll(multi_.get(), nullptr, 0, poll_patience, nullptr) != CURLM_OK)
        std::this_thread::sleep_for(pause_after_failure);
    }
    end_all();
  }

  void end_all() {
    std::deque<std::unique_ptr<exchange>> rest;
    {
      const std::lock_guard lock{mutex_};
      rest.swap(waiting_);
    }
    for (auto& e : rest)
      e->fail("the client has ended");
    for (auto& [easy, e] : under_way_) {
      curl_multi_remove_handle(multi_.get(), easy);
      e->fail("the client has ended");
    }
  }

  /// No more than can be under way soon: each costs libcurl some kilobytes.
  void start_waiting(std::size_t most) {
    std::vector<std::unique_ptr<exchange>> now;
    {
      const std::lock_guard lock{mutex_};
      for (; !waiting_.empty() && under_way_.size() + now.size() < most; waiting_.pop_front())
        now.push_back(std::move(waiting_.front()));
    }
    for (auto& e : now)
      start(std::move(e));
  }

  void start(std::unique_ptr<exchange> owned) {
    auto& e = *owned;
    const auto left = std::chrono::ceil<duration>(e.until - clock::now());
    if (left <= duration::zero()) {
      e.fail("timed out while it waited for a connection");
      return;
    }
    try {
      e.easy = idle_handle();
      e.headers = make_list(e.request.headers);
      e.most_bytes = options_.most_bytes;
      set_request(e);
      set_behaviour(e.easy.get());
      set(e.easy.get(), CURLOPT_TIMEOUT_MS, millis(left));
      if (const auto code = curl_multi_add_handle(multi_.get(), e.easy.get()); code != CURLM_OK)
        throw std::runtime_error{fmt::format("libcurl refuses a request: {}", curl_multi_strerror(code))};
    } catch (const std::exception& problem) {
      e.fail(problem.what());
      return;
    }
    auto* const easy = e.easy.get();
    under_way_.emplace(easy, std::move(owned));
  }

  /// A handle keeps nothing of an earlier exchange but what it has allocated.
  easy_ptr idle_handle() {
    easy_ptr easy;
    if (idle_.empty()) {
      easy.reset(curl_easy_init());
      if (!easy)
        throw std::bad_alloc{};
    } else {
      easy = std::move(idle_.back());
      idle_.pop_back();
      curl_easy_reset(easy.get());
    }
    return easy;
  }

  void set_request(exchange& e) const {
    auto* const easy = e.easy.get();
    set(easy, CURLOPT_URL, e.request.url.c_str());
    set(easy, CURLOPT_HTTPHEADER, e.headers.get());
    if (!e.request.body.empty() || e.request.method == "POST" || e.request.method == "PUT") {
      set(easy, CURLOPT_POSTFIELDS, e.request.body.data());
      set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(e.request.body.size()));
    }
    if (e.request.method == "HEAD")
      set(easy, CURLOPT_NOBODY, 1L);
    else if (e.request.method != "POST") // which libcurl makes of what has a body
      set(easy, CURLOPT_CUSTOMREQUEST, e.request.method.c_str());
    set(easy, CURLOPT_WRITEFUNCTION, &take_body);
    set(easy, CURLOPT_WRITEDATA, &e);
    set(easy, CURLOPT_ERRORBUFFER, e.error.data());
  }

  void set_behaviour(CURL* easy) const {
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_FOLLOWLOCATION, 1L);
    set(easy, CURLOPT_MAXREDIRS, most_redirections);
    set(easy, CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL)); // with its body
    set(easy, CURLOPT_QUICK_EXIT, 1L);                                    // or who looks a name up in vain is waited for
    set(easy, CURLOPT_ACCEPT_ENCODING, "");                               // all that libcurl can take apart
    set(easy, CURLOPT_USERAGENT, "leat");
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, millis(options_.connect_timeout));
    const auto set_text = [easy](CURLoption option, const std::string& value) {
      if (!value.empty())
        set(easy, option, value.c_str());
    };
    set_text(CURLOPT_CAINFO, options_.ca_file);
    set_text(CURLOPT_SSLCERT, options_.certificate_file);
    set_text(CURLOPT_SSLKEY, options_.key_file);
    if (!options_.user.empty()) {
      set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      set(easy, CURLOPT_USERNAME, options_.user.c_str());
      set(easy, CURLOPT_PASSWORD, options_.password.c_str());
    }
  }

  template <class Value>
  static void set(CURL* easy, CURLoption option, Value value) {
    const auto code = curl_easy_setopt(easy, option, value);
    if (code != CURLE_OK)
      throw std::runtime_error{fmt::format("libcurl refuses an option of a request: {}", curl_easy_strerror(code))};
  }

  /// @returns whether any has.
  bool finish_ended() {
    bool any = false;
    int more = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &more)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      const auto code = message->data.result; // the message goes with the handle
      auto ended = under_way_.extract(message->easy_handle);
      auto& e = *ended.mapped();
      curl_multi_remove_handle(multi_.get(), e.easy.get());
      finish(e, code);
      idle_.push_back(std::move(e.easy));
      any = true;
    }
    return any;
  }

  /// What libcurl says, and what to do about a certificate that is not accepted. Only its words tell a wrong name from a wrong signer.
  static std::string explain(const exchange& e, CURLcode code) {
    std::string why = e.error[0] != '\0' ? e.error.data() : curl_easy_strerror(code);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
      why += why.find("subject name") != std::string::npos
               ? "; ask for the server by a name that its certificate has"
               : "; if the server is to be trusted, name a file with the certificate of its signer (ca-file)";
    return why;
  }

  void finish(exchange& e, CURLcode code) const {
    if (code == CURLE_WRITE_ERROR) {
      e.fail(fmt::format("the response is longer than {} bytes", e.most_bytes));
      return;
    }
    if (code != CURLE_OK) {
      e.fail(explain(e, code));
      return;
    }
    long status = 0;
    curl_easy_getinfo(e.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    e.response.status = static_cast<int>(status);
    curl_off_t seconds = 0;
    if (curl_easy_getinfo(e.easy.get(), CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
      e.response.retry_after = std::chrono::seconds{seconds};
    e.then(std::move(e.response));
  }

  const http_options options_;
  const multi_ptr multi_;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;
  std::deque<std::unique_ptr<exchange>> waiting_; // guarded by mutex_: what the thread has not taken yet
  std::unordered_map<CURL*, std::unique_ptr<exchange>> under_way_;
  std::vector<easy_ptr> idle_;
  std::thread thread_; // the last: it uses all of them
};

http_client::http_client(http_options options) : loop_{std::make_unique<loop>(std::move(options))} {}
http_client::~http_client() = default;

void http_client::send(http_request request, std::function<void(http_response)> then) {
  loop_->send(std::move(request), std::move(then));
}

http_response http_client::ask(http_request request) {
  std::promise<http_response> arrived;
  auto response = arrived.get_future();
  send(std::move(request), [&](http_response r) { arrived.set_value(std::move(r)); });
  return response.get();
}

std::string http_escape(std::string_view part) {
  std::string escaped;
  for (const char c : part) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain)
      escaped.push_back(c);
    else
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

} // namespace leat
