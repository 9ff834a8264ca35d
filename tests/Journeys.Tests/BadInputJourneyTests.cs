using System.Net.Http.Headers;
using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// What is wrong gets a problem with a code, and nothing of it stays: counted on a server that nobody else uses meanwhile.
/// </summary>
public sealed class BadInputJourneyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("POST", "api/folders", "{", 400)]
    [InlineData("POST", "api/folders", "[]", 400)]
    [InlineData("POST", "api/folders", "{}", 400)]
    [InlineData("POST", "api/folders", """{"name":null}""", 400)]
    [InlineData("POST", "api/folders", """{"name":7}""", 400)]
    [InlineData("POST", "api/folders", """{"name":""}""", 422)]
    [InlineData("POST", "api/folders", """{"name":"a/b"}""", 422)]
    [InlineData("POST", "api/folders", """{"name":".."}""", 422)]
    [InlineData("POST", "api/folders", """{"name":"nul\u0000byte"}""", 422)]
    [InlineData("POST", "api/folders", """{"name":"txt.\u202eexe"}""", 422)]
    [InlineData("POST", "api/folders", """{"name":"x","parentId":"0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47"}""", 404)]
    [InlineData("POST", "api/folders", """{"name":"x","parentId":"root"}""", 400)]
    [InlineData("POST", "api/folders", """{"name":"\ufffe"}""", 422)]
    [InlineData("PUT", "api/admin/accounts/0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47/quota", """{"limitBytes":1e400}""", 400)]
    [InlineData("POST", "api/auth/register", """{"email":"nobody","password":"long enough","displayName":"x"}""", 422)]
    [InlineData("POST", "api/auth/register", """{"email":"a@example.org","password":"short","displayName":"x"}""", 422)]
    [InlineData("POST", "api/auth/login", """{"email":"nobody@example.org","password":"wrong password"}""", 401)]
    [InlineData("POST", "api/auth/refresh", """{"refreshToken":"nonsense"}""", 401)]
    [InlineData("GET", "api/folders/root/children?limit=0", "", 422)]
    [InlineData("GET", "api/folders/root/children?limit=1001", "", 422)]
    [InlineData("GET", "api/folders/root/children?limit=many", "", 400)]
    [InlineData("GET", "api/folders/root/children?sort=colour", "", 422)]
    [InlineData("GET", "api/folders/root/children?cursor=%00%ff", "", 400)]
    [InlineData("GET", "api/trash?cursor=nonsense!", "", 400)]
    [InlineData("GET", "api/files/not-an-id", "", 404)]
    [InlineData("GET", "api/files/0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47/content", "", 404)]
    [InlineData("DELETE", "api/files/0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47", "", 404)]
    [InlineData("DELETE", "api/shares/0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47", "", 404)]
    [InlineData("GET", "api/jobs/0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47", "", 404)]
    [InlineData("GET", "api/nothing/here", "", 404)]
    [InlineData("POST", "api/files/0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47/shares", """{"grantee":"a@example.org","role":1}""", 400)]
    [InlineData("PUT", "api/folders", "{}", 405)]
    public async Task A_wrong_request_gets_a_problem(string method, string path, string body, int status)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body.Length > 0)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        var reply = await (await olga.Http.SendAsync(request)).Expect(status);
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("urn:eventfiles:problem:", (await reply.Json()).GetProperty("type").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_charset_that_cannot_be_read_is_refused()
    {
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        using var body = new StringContent("{}");
        body.Headers.Remove("Content-Type");
        body.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=klingon");
        await (await nobody.PostAsync("api/auth/login", body)).Problem(415, "media-type-not-taken");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a\\b")]
    [InlineData("..")]
    [InlineData("line\nbreak")]
    public async Task A_hostile_name_is_refused_and_nothing_stays(string name)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var before = Objects();
        var body = $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''{Uri.EscapeDataString(name)}\r\n\r\nbytes\r\n--b--\r\n";
        await (await Raw(olga, "multipart/form-data; boundary=b", body)).Expect(422);
        Assert.Equal((0, 0, 0), await olga.Quota());
        Assert.Equal(before, Objects());
    }

    [Theory]
    [InlineData("naïve résumé.txt")]
    [InlineData("履歴書.txt")]
    [InlineData("😀 'quotes' \"double\" <b>&amp; %00 ${x} `x`.txt")]
    [InlineData(".hidden")]
    [InlineData("no extension")]
    public async Task An_unusual_name_comes_back_as_it_was(string name)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var folder = await (await olga.Post("api/folders", new { name })).Expect(201).Json();
        Assert.Equal(name, (await olga.Read($"api/folders/{folder.Id()}")).GetProperty("name").GetString());
        var body = $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''{Uri.EscapeDataString(name + "2")}\r\n\r\nbytes\r\n--b--\r\n";
        var file = (await (await Raw(olga, "multipart/form-data; boundary=b", body)).Expect(202).Json()).GetProperty("file");
        Assert.Equal(name + "2", file.GetProperty("name").GetString());
        var reply = await (await olga.Get($"api/files/{file.Id()}/content")).Expect(200);
        Assert.Equal(name + "2", reply.Content.Headers.ContentDisposition?.FileNameStar);
    }

    [Theory]
    [InlineData("application/json", "{}", 415)]
    [InlineData("multipart/form-data", "x", 400)]
    [InlineData("multipart/form-data; boundary=b", "", 400)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n", 422)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut.txt\"\r\n\r\nno end", 400)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"folderId\"\r\n\r\nnonsense\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n", 422)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"onConflict\"\r\n\r\nexplode\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n", 422)]
    public async Task A_wrong_upload_is_refused_and_nothing_stays(string type, string body, int status)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var before = Objects();
        await (await Raw(olga, type, body)).Expect(status);
        Assert.Equal((0, 0, 0), await olga.Quota());
        Assert.Equal(before, Objects());
    }

    [Fact]
    public async Task A_cut_connection_leaves_nothing_behind()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var before = Objects();
        using (var line = new System.Net.Sockets.TcpClient(fixture.Server.Address.Host, fixture.Server.Address.Port))
        {
            var stream = line.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: {olga.Http.DefaultRequestHeaders.Authorization}\r\n" +
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n" +
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut.bin\"\r\n\r\n"));
            await stream.WriteAsync(new byte[3_000_000]);
            await stream.FlushAsync();
            await olga.Until("api/quota", quota => quota.GetProperty("reservedBytes").GetInt64() > 0);
        }

        await olga.Until("api/quota", quota => quota.GetProperty("reservedBytes").GetInt64() == 0);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (Objects() != before)
            await Task.Delay(50, patience.Token);
        Assert.Equal((0, 0, 0), await olga.Quota());
    }

    [Theory]
    [InlineData("broken.jpg", "image/jpeg")]
    [InlineData("broken.png", "image/png")]
    [InlineData("broken.pdf", "application/pdf")]
    public async Task A_broken_file_fails_visibly_and_can_still_be_had(string name, string type)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        byte[] broken = type switch
        {
            "image/jpeg" => Samples.Picture[..20_000],
            "image/png" => Samples.Transparent[..9_000],
            _ => [.. Samples.Pdf[..200], .. Encoding.ASCII.GetBytes(new string('x', 5000))],
        };
        var file = await olga.Keep(name, broken, type);

        var status = await olga.Settled(file);
        Assert.Equal("failed", status.GetProperty("status").GetString());
        Assert.NotEqual("", status.GetProperty("error").ToString());
        Assert.Equal(broken, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        // Its first lines may tell what it was meant to be.
        Assert.Empty((await olga.Read($"api/files/{file}")).GetProperty("variants").EnumerateArray()
            .Select(variant => variant.GetProperty("name").GetString()).Except(["metadata"]));
    }

    [Fact]
    public async Task Whoever_is_not_signed_in_gets_nothing()
    {
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        await (await nobody.GetAsync("api/me")).Problem(401, "accounts.sign-in-first");
        await (await nobody.GetAsync("api/quota")).Problem(401, "accounts.sign-in-first");
        nobody.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "eyJhbGciOiJub25lIn0.e30.");
        await (await nobody.GetAsync("api/me")).Problem(401, "accounts.sign-in-first");
    }

    [Fact]
    public async Task A_page_of_active_content_stays_inert()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var file = await olga.Keep("evil.html", Encoding.UTF8.GetBytes("<script>alert(1)</script>"), "text/html");
        var reply = await (await olga.Get($"api/files/{file}/content?inline=true")).Expect(200);
        Assert.Equal("attachment", reply.Content.Headers.ContentDisposition?.DispositionType);
        Assert.StartsWith("sandbox", Assert.Single(reply.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> Raw(Person person, string type, string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await person.Http.PostAsync("api/upload", content);
    }

    private int Objects() =>
        Directory.EnumerateFiles(Path.Combine(fixture.Server.Data, "objects"), "*", SearchOption.AllDirectories).Count();
}
