// Sign up, create, list; a refused access token is refreshed and the call made again. Swift 5.7, as main.swift.
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

struct Session: Decodable { let access_token: String, refresh_token: String }
struct Task_: Decodable { let id: String, title: String, completed: Bool }
struct Page: Decodable { let data: [Task_] }
struct Refused: Error { let status: Int, problem: String }

func send(_ method: String, _ path: String, _ body: [String: Any]? = nil, token: String? = nil) async throws -> (Data, Int) {
    var request = URLRequest(url: URL(string: "http://localhost:8000/api" + path)!)
    request.httpMethod = method
    request.httpBody = try body.map { try JSONSerialization.data(withJSONObject: $0) }
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    if let token { request.setValue("Bearer " + token, forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    return (data, (response as! HTTPURLResponse).statusCode)
}

func read<T: Decodable>(_ answer: (Data, Int), as type: T.Type) throws -> T {
    guard answer.1 < 400 else { throw Refused(status: answer.1, problem: String(decoding: answer.0, as: UTF8.self)) }
    return try JSONDecoder().decode(type, from: answer.0)
}

let person = ["email": "ada@example.com", "password": "correct horse battery"]
var session = try read(await send("POST", "/auth/signup", person), as: Session.self)

func call<T: Decodable>(_ method: String, _ path: String, _ body: [String: Any]? = nil, as type: T.Type) async throws -> T {
    let answer = try await send(method, path, body, token: session.access_token)
    if answer.1 != 401 { return try read(answer, as: type) }
    session = try read(await send("POST", "/auth/refresh", ["refresh_token": session.refresh_token]), as: Session.self)
    return try await call(method, path, body, as: type)
}

_ = try await call("POST", "/tasks", ["title": "Buy milk"], as: Task_.self)
print(try await call("GET", "/tasks?status=pending", as: Page.self).data)
