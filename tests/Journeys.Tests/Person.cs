using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Somebody with an account, speaking plain HTTP as any client would.</summary>
public sealed class Person : IDisposable
{
    public const string Password = "correct horse battery";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private Person(HttpClient http, string email, Guid id)
    {
        Http = http;
        Email = email;
        Id = id;
    }

    public HttpClient Http { get; }

    public string Email { get; }

    public Guid Id { get; }

    public static async Task<Person> Register(Uri server, string name)
    {
        // What was written shows in the next read, however busy the machine is.
        var http = new HttpClient { BaseAddress = server, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };
        var email = $"{name.ToLowerInvariant()}-{Guid.NewGuid():n}@example.org";
        var account = await http.PostAsJsonAsync("api/auth/register", new { email, password = Password, displayName = name });
        await account.Expect(201);
        var person = new Person(http, email, (await account.Json()).GetProperty("id").GetGuid());
        await person.SignIn();
        return person;
    }

    /// <summary>The same person with the same password at another server.</summary>
    public async Task<Person> SignInAt(Uri server)
    {
        var http = new HttpClient { BaseAddress = server, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };
        var person = new Person(http, Email, Id);
        await person.SignIn();
        return person;
    }

    /// <summary>The same person with the same token, at another node.</summary>
    public Person At(Uri server)
    {
        var http = new HttpClient { BaseAddress = server, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };
        http.DefaultRequestHeaders.Authorization = Http.DefaultRequestHeaders.Authorization;
        return new Person(http, Email, Id);
    }

    public async Task<JsonElement> SignIn()
    {
        var login = await (await Http.PostAsJsonAsync("api/auth/login", new { email = Email, password = Password })).Expect(200);
        var tokens = await login.Json();
        Http.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("accessToken").GetString());
        return tokens;
    }

    public Task<HttpResponseMessage> Get(string path) => Http.GetAsync(path);

    public Task<HttpResponseMessage> Delete(string path) => Http.DeleteAsync(path);

    public Task<HttpResponseMessage> Post(string path, object? body = null) => Http.PostAsJsonAsync(path, body ?? new { });

    public Task<HttpResponseMessage> Patch(string path, object body) => Http.PatchAsJsonAsync(path, body);

    public Task<HttpResponseMessage> Put(string path, object body) => Http.PutAsJsonAsync(path, body);

    public async Task<JsonElement> Read(string path) => await (await Get(path)).Expect(200).Json();

    public async Task<HttpResponseMessage> Upload(
        string name, byte[] content, string? type = null, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        foreach (var field in fields)
            form.Add(new StringContent(field.Value), field.Name);
        var file = new ByteArrayContent(content);
        if (type is not null)
            file.Headers.ContentType = new MediaTypeHeaderValue(type);
        form.Add(file, "file", name);
        return await Http.PostAsync("api/upload", form);
    }

    /// <summary>Uploads and gives the file's id.</summary>
    public async Task<Guid> Keep(string name, byte[] content, string? type = null) =>
        (await (await Upload(name, content, type)).Expect(202).Json()).GetProperty("file").GetProperty("id").GetGuid();

    /// <summary>Waits until nothing about the file is in progress any more.</summary>
    public Task<JsonElement> Settled(Guid file) => Until(
        $"api/files/{file}/status", seen => seen.GetProperty("status").GetString() is not ("uploading" or "processing"));

    /// <summary>Waits until a read gives what is wanted.</summary>
    public async Task<JsonElement> Until(string path, Func<JsonElement, bool> wanted, bool mayBeMissing = false)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(50))
        {
            var reply = await Get(path);
            var seen = await (mayBeMissing && reply.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict ? reply : await reply.Expect(200)).Json();
            if (reply.IsSuccessStatusCode && wanted(seen))
                return seen;
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{path} still says {seen} after {Patience.TotalSeconds} s.");
        }
    }

    public async Task<(long Used, long Reserved, int Files)> Quota()
    {
        var quota = await Read("api/quota");
        return (quota.GetProperty("usedBytes").GetInt64(), quota.GetProperty("reservedBytes").GetInt64(), quota.GetProperty("files").GetInt32());
    }

    public void Dispose() => Http.Dispose();
}

internal static class Replies
{
    /// <summary>The reply itself when it has that status; else a failure that shows what it had.</summary>
    public static async Task<HttpResponseMessage> Expect(this HttpResponseMessage reply, int status)
    {
        if ((int)reply.StatusCode != status)
        {
            Assert.Fail(
                $"{reply.RequestMessage?.Method} {reply.RequestMessage?.RequestUri?.AbsolutePath}: expected {status}, " +
                $"got {(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");
        }

        return reply;
    }

    public static async Task<HttpResponseMessage> Expect(this Task<HttpResponseMessage> reply, int status) => await (await reply).Expect(status);

    public static async Task Problem(this Task<HttpResponseMessage> reply, int status, string code) => await (await reply).Problem(status, code);

    public static async Task<JsonElement> Json(this Task<HttpResponseMessage> reply) => await (await reply).Json();

    public static async Task<JsonElement> Json(this HttpResponseMessage reply)
    {
        using var parsed = await JsonDocument.ParseAsync(await reply.Content.ReadAsStreamAsync());
        return parsed.RootElement.Clone();
    }

    /// <summary>Checks that a reply is a problem with this status and code.</summary>
    public static async Task Problem(this HttpResponseMessage reply, int status, string code)
    {
        await reply.Expect(status);
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"urn:eventfiles:problem:{code}", (await reply.Json()).GetProperty("type").GetString());
    }

    public static Guid Id(this JsonElement json) => json.GetProperty("id").GetGuid();
}
