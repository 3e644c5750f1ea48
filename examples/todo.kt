// Sign up, create, list; a refused access token is refreshed and the call made again. Java 11's HTTP client and org.json.
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers
import org.json.JSONObject

val http: HttpClient = HttpClient.newHttpClient()

fun send(method: String, path: String, body: JSONObject? = null, token: String? = null): HttpResponse<String> {
    val content = if (body == null) BodyPublishers.noBody() else BodyPublishers.ofString(body.toString())
    val request = HttpRequest.newBuilder(URI("http://localhost:8000/api$path")).method(method, content)
    request.header("Content-Type", "application/json")
    if (token != null) request.header("Authorization", "Bearer $token")
    return http.send(request.build(), BodyHandlers.ofString())
}

fun read(answer: HttpResponse<String>): JSONObject {
    val body = JSONObject(answer.body())
    check(answer.statusCode() < 400) { body.getString("detail") }
    return body
}

val person: JSONObject = JSONObject().put("email", "ada@example.com").put("password", "correct horse battery")
var session: JSONObject = read(send("POST", "/auth/signup", person))

fun call(method: String, path: String, body: JSONObject? = null): JSONObject {
    val answer = send(method, path, body, session.getString("access_token"))
    if (answer.statusCode() != 401) return read(answer)
    val refresh = JSONObject().put("refresh_token", session.getString("refresh_token"))
    session = read(send("POST", "/auth/refresh", refresh))
    return call(method, path, body)
}

fun main() {
    call("POST", "/tasks", JSONObject().put("title", "Buy milk"))
    println(call("GET", "/tasks?status=pending").getJSONArray("data"))
}
