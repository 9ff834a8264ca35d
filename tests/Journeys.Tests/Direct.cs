using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>An upload whose parts go to the store, spoken by hand.</summary>
internal sealed class Direct
{
    public const int PartBytes = 5 << 20;

    // Nobody who brings a part is signed in.
    private static readonly HttpClient Stranger = new();

    private Direct(Uri at, byte[] bytes, int parts) => (At, Bytes, Parts) = (at, bytes, parts);

    public Uri At { get; }

    public byte[] Bytes { get; }

    public int Parts { get; }

    public string Sha256 => Digest(Bytes);

    public static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static Task<HttpResponseMessage> TryBegin(Person person, object body) => person.Post("api/uploads/direct", body);

    public static async Task<Direct> Begin(Person person, string name, byte[] bytes, string? sha256 = null)
    {
        var begun = await TryBegin(person, new { name, sizeBytes = bytes.Length, sha256 }).Expect(201);
        return new Direct(begun.Headers.Location!, bytes, (await begun.Json()).GetProperty("parts").GetInt32());
    }

    /// <summary>Where parts go, as absolute addresses, in order.</summary>
    public async Task<List<Uri>> Addresses(Person person)
    {
        var page = await person.Read($"{At}/parts?count=1000");
        return [.. page.GetProperty("items").EnumerateArray().Select(one => new Uri(person.Http.BaseAddress!, one.GetProperty("url").GetString()))];
    }

    public byte[] Part(int number) => Bytes[((number - 1) * PartBytes)..Math.Min(number * PartBytes, Bytes.Length)];

    public static Task<HttpResponseMessage> Put(Uri address, byte[] bytes) => Stranger.PutAsync(address, new ByteArrayContent(bytes));

    /// <summary>Brings these parts, all at once.</summary>
    public async Task Bring(Person person, params IEnumerable<int> numbers)
    {
        var addresses = await Addresses(person);
        await Task.WhenAll(numbers.Select(async number =>
        {
            using var reply = await Put(addresses[number - 1], Part(number));
            Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
        }));
    }

    public Task BringAll(Person person) => Bring(person, Enumerable.Range(1, Parts));

    public Task<HttpResponseMessage> TryComplete(Person person, string? sha256 = null) => person.Post($"{At}/complete", new { sha256 });

    /// <summary>Completes, as often as it takes until it is a file.</summary>
    public async Task<Guid> Complete(Person person, string? sha256 = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            var reply = await TryComplete(person, sha256);
            if ((int)reply.StatusCode != 202)
                return (await (await reply.Expect(200)).Json()).GetProperty("file").GetGuid();
            Assert.Equal("joining", (await reply.Json()).GetProperty("state").GetString());
            await Task.Delay(100, patience.Token);
        }
    }

    public Task<JsonElement> Read(Person person) => person.Read(At.ToString());
}
