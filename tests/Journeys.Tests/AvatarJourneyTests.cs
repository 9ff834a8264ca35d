using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Pictures of people, and whom anybody finds: both for who has to do with them, and for nobody else.</summary>
public sealed class AvatarJourneyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Place = "taken at the sea by nobody else";

    [Fact]
    public async Task A_picture_is_made_small_and_square_and_shown_to_whoever_has_to_do_with_the_person()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var mei = await Somebody("Mei");
        using var stranger = await Somebody("Stranger");
        await olga.Get($"api/people/{olga.Id}/avatar").Problem(404, "accounts.no-avatar");
        var quota = await olga.Quota();

        var me = await (await Send(olga, WithWords(Samples.Picture), "image/jpeg")).Expect(200).Json();
        var avatar = me.GetProperty("avatar").GetGuid();
        Assert.Equal(avatar, (await olga.Read("api/me")).GetProperty("avatar").GetGuid());
        var reply = await olga.Get($"api/people/{olga.Id}/avatar").Expect(200);
        Assert.Equal(("image/webp", $"\"{avatar}\""), (reply.Content.Headers.ContentType!.MediaType, reply.Headers.ETag!.Tag));
        Assert.Contains("private", reply.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        Assert.Equal((256, 256), SizeOf(bytes));
        Assert.DoesNotContain(Place, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(quota, await olga.Quota());

        // A stranger's is like nobody's, and like that of who has none.
        var foreign = await (await stranger.Get($"api/people/{olga.Id}/avatar")).Content.ReadAsStringAsync();
        var nobody = await (await stranger.Get($"api/people/{Guid.CreateVersion7()}/avatar")).Content.ReadAsStringAsync();
        Assert.Equal(Traceless(nobody), Traceless(foreign));
        await ravi.Get($"api/people/{olga.Id}/avatar").Problem(404, "accounts.no-avatar");

        var file = await olga.Keep("shared.txt", "shared"u8.ToArray(), "text/plain");
        var share = (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Id, role = "viewer" }).Expect(201).Json()).Id();
        await ravi.Get($"api/people/{olga.Id}/avatar").Expect(200);
        var shown = (await ravi.Read("api/shared-with-me")).GetProperty("items")[0].GetProperty("owner");
        Assert.Equal(avatar, shown.GetProperty("avatar").GetGuid());
        await olga.Delete($"api/shares/{share}").Expect(204);
        await ravi.Get($"api/people/{olga.Id}/avatar").Problem(404, "accounts.no-avatar");

        var group = (await mei.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        await mei.Post($"api/groups/{group}/members", new { member = olga.Email }).Expect(200);
        await mei.Get($"api/people/{olga.Id}/avatar").Expect(200);
        Assert.Contains(
            (await mei.Read($"api/groups/{group}")).GetProperty("members").EnumerateArray(),
            member => member.Id() == olga.Id && member.GetProperty("avatar").GetGuid() == avatar);
        await stranger.Get($"api/people/{olga.Id}/avatar").Problem(404, "accounts.no-avatar");

        // The same again is the same one, another takes its place, and of each that is over nothing stays.
        Assert.Equal(avatar, (await (await Send(olga, WithWords(Samples.Picture), "image/jpeg")).Expect(200).Json()).GetProperty("avatar").GetGuid());
        var other = (await (await Send(olga, Samples.Transparent, "image/png")).Expect(200).Json()).GetProperty("avatar").GetGuid();
        Assert.NotEqual(avatar, other);
        await Left(olga, 1);
        await olga.Delete("api/me/avatar").Expect(204);
        await olga.Delete("api/me/avatar").Expect(204);
        Assert.Equal(JsonValueKind.Null, (await olga.Read("api/me")).GetProperty("avatar").ValueKind);
        await mei.Get($"api/people/{olga.Id}/avatar").Problem(404, "accounts.no-avatar");
        await Left(olga, 0);
    }

    [Fact]
    public async Task What_is_no_picture_or_too_much_of_one_is_refused_by_a_code_and_nothing_of_it_is_stored()
    {
        using var olga = await Somebody("Olga");
        await (await Send(olga, "no picture"u8.ToArray(), "image/png")).Problem(415, "accounts.avatar-type");
        await (await Send(olga, [], "image/png")).Problem(415, "accounts.avatar-type");
        await (await Send(olga, "GIF89a and no more"u8.ToArray(), "image/gif")).Problem(415, "accounts.avatar-type");
        await (await Send(olga, "<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray(), "image/svg+xml")).Problem(415, "accounts.avatar-type");
        await (await Send(olga, Samples.Pdf, "image/png")).Problem(415, "accounts.avatar-type");
        await (await Send(olga, Samples.Picture[..2000], "image/jpeg")).Problem(422, "accounts.avatar-unreadable");
        await (await Send(olga, [.. Samples.Picture, .. new byte[5 << 20]], "image/jpeg")).Problem(413, "accounts.avatar-too-large");
        await (await Send(olga, Bomb(), "image/png")).Problem(422, "accounts.avatar-too-many-pixels");
        Assert.Equal(JsonValueKind.Null, (await olga.Read("api/me")).GetProperty("avatar").ValueKind);
        await Left(olga, 0);

        // What is refused leaves what is there.
        var avatar = (await (await Send(olga, Samples.Transparent, "application/octet-stream")).Expect(200).Json()).GetProperty("avatar").GetGuid();
        await (await Send(olga, Bomb(), "image/png")).Problem(422, "accounts.avatar-too-many-pixels");
        Assert.Equal(avatar, (await olga.Read("api/me")).GetProperty("avatar").GetGuid());
        await Left(olga, 1);
    }

    [Fact]
    public async Task With_the_person_goes_their_picture()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var group = (await ravi.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        await ravi.Post($"api/groups/{group}/members", new { member = olga.Email }).Expect(200);
        await (await Send(olga, Samples.Picture, "image/jpeg")).Expect(200);
        await Left(olga, 1);
        await fixture.Administrator.Post(
            $"api/admin/accounts/{olga.Id}/erasure", new { ground = "consentWithdrawn", immediately = true }).Expect(202);
        await Left(olga, 0);
        await ravi.Get($"api/people/{olga.Id}/avatar").Problem(404, "accounts.no-avatar");
    }

    [Fact]
    public async Task People_are_found_by_whoever_has_to_do_with_them_and_by_nobody_else()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var mei = await Somebody("Mei");
        using var stranger = await Somebody("Stranger");
        await ravi.Patch("api/me", new { displayName = "Ravi van Dael" }).Expect(200);
        Assert.Empty(await Found(olga, ""));
        Assert.Empty(await Found(olga, ravi.Email));

        var group = (await mei.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        await mei.Post($"api/groups/{group}/members", new { member = olga.Email }).Expect(200);
        var file = await olga.Keep("shared.txt", "shared"u8.ToArray(), "text/plain");
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Id, role = "viewer" }).Expect(201);
        Assert.Equal([mei.Email, ravi.Email], await Found(olga, ""));
        foreach (var begin in new[] { "RAVI V", "dael", ravi.Email[..12], ravi.Email.ToUpperInvariant() })
            Assert.Equal([ravi.Email], await Found(olga, begin));
        Assert.Empty(await Found(olga, "ael"));
        Assert.Empty(await Found(olga, "%"));
        Assert.Equal([olga.Email], await Found(ravi, ""));
        Assert.Empty(await Found(stranger, ""));
        Assert.Empty(await Found(stranger, olga.Email));
        Assert.Empty(await Found(fixture.Administrator, olga.Email));
        await olga.Get("api/people?limit=51").Problem(422, "validation");

        // Who was named by an address is there by that alone, also once they have it; whom it was shared with sees who did.
        await olga.Post($"api/files/{file}/shares", new { grantee = stranger.Email, role = "viewer" }).Expect(201);
        await olga.Post($"api/files/{file}/shares", new { grantee = "nobody.yet@example.org", role = "viewer" }).Expect(201);
        await stranger.Until("api/people", page => page.GetProperty("items").GetArrayLength() == 1);
        Assert.Equal([olga.Email], await Found(stranger, ""));
        var named = (await olga.Read($"api/people?query={Uri.EscapeDataString(stranger.Email)}")).GetProperty("items")[0];
        var made = (await olga.Read("api/people?query=nobody.yet")).GetProperty("items")[0];
        Assert.All([named, made], one => Assert.Equal(
            (JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Null),
            (one.GetProperty("id").ValueKind, one.GetProperty("displayName").ValueKind, one.GetProperty("avatar").ValueKind)));
        await (await Send(stranger, Samples.Picture, "image/jpeg")).Expect(200);
        await olga.Get($"api/people/{stranger.Id}/avatar").Problem(404, "accounts.no-avatar");
    }

    private async Task<Person> Somebody(string name) => await Person.Register(fixture.Server.Address, name);

    private static async Task<IReadOnlyList<string>> Found(Person by, string query) =>
    [
        .. (await by.Read($"api/people?query={Uri.EscapeDataString(query)}")).GetProperty("items").EnumerateArray()
            .Select(one => one.GetProperty("email").GetString()!),
    ];

    private static async Task<HttpResponseMessage> Send(Person by, byte[] picture, string type)
    {
        using var body = new ByteArrayContent(picture) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        return await by.Http.PutAsync("api/me/avatar", body);
    }

    // What is over goes in the background.
    private async Task Left(Person person, int count)
    {
        var folder = Path.Combine(fixture.Server.Data, "objects", "avatars");
        await Drill.Until(() => Task.FromResult(
            (Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [])
            .Count(file => file.Contains($"{person.Id}", StringComparison.Ordinal)) == count));
    }

    // Width and height of a WebP, lossy (VP8), lossless (VP8L) or extended (VP8X), by its container's specification.
    private static (int Width, int Height) SizeOf(byte[] webp) => Encoding.ASCII.GetString(webp, 12, 4) switch
    {
        "VP8X" => (1 + (webp[24] | (webp[25] << 8) | (webp[26] << 16)), 1 + (webp[27] | (webp[28] << 8) | (webp[29] << 16))),
        "VP8L" => (1 + (BitConverter.ToInt32(webp, 21) & 0x3FFF), 1 + ((BitConverter.ToInt32(webp, 21) >> 14) & 0x3FFF)),
        _ => (BitConverter.ToUInt16(webp, 26) & 0x3FFF, BitConverter.ToUInt16(webp, 28) & 0x3FFF),
    };

    // A comment (COM) right after a JPEG's beginning.
    private static byte[] WithWords(byte[] jpeg)
    {
        var words = Encoding.ASCII.GetBytes(Place);
        return [.. jpeg[..2], 0xFF, 0xFE, 0, (byte)(words.Length + 2), .. words, .. jpeg[2..]];
    }

    // A PNG that says of itself that it has 60 000 × 60 000 pixels.
    private static byte[] Bomb()
    {
        byte[] bytes = [.. Samples.Transparent];
        new byte[] { 0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60 }.CopyTo(bytes, 16);
        BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(Crc32(bytes.AsSpan(12, 17)))).CopyTo(bytes, 29);
        return bytes;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }

    private static string Traceless(string problem) =>
        System.Text.RegularExpressions.Regex.Replace(problem, "\"traceId\":\"[^\"]*\"", "");
}
