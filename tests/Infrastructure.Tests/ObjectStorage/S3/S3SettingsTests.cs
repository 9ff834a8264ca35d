using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>What an operator gets wrong is told with the name of the setting.</summary>
public sealed class S3SettingsTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private readonly ObjectKey key = NewKey();

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var mistakes = new S3Settings
        {
            Endpoint = new Uri("ftp://x"),
            Region = "",
            AccessKey = "",
            SecretKey = " ",
            Bucket = "A",
            Prefix = "~",
            AuthoritiesFile = "/none",
        }.Mistakes();

        Assert.Equal(
            ["S3_ENDPOINT", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_BUCKET", "S3_PREFIX", "S3_CA_FILE"],
            mistakes.Select(one => one.Split(' ')[0]));
        Assert.Empty(Place.Mistakes());
    }

    [Fact]
    public Task An_unknown_access_key_is_told() => Tells("S3_ACCESS_KEY", Place with { AccessKey = "nobody" });

    [Fact]
    public Task A_wrong_secret_key_is_told() => Tells("S3_SECRET_KEY", Place with { SecretKey = "wrong" });

    [Fact]
    public Task A_missing_bucket_is_told_when_it_may_not_be_made() =>
        Tells("S3_BUCKET", Place with { Bucket = "not-there", CreateBucket = false });

    [Theory]
    [InlineData(400, "AuthorizationHeaderMalformed", "S3_REGION")]
    [InlineData(301, "PermanentRedirect", "S3_REGION")]
    [InlineData(403, "AccessDenied", "S3_BUCKET")]
    [InlineData(403, "RequestTimeTooSkewed", "clock")]
    public async Task What_the_server_says_is_told_as_the_setting_it_means(int status, string code, string names)
    {
        await using var proxy = new FaultProxy(Place.Endpoint);
        proxy.Answer(_ => true, status, code, times: 100);
        await Tells(names, Place with { Endpoint = proxy.Address });
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        var nowhere = new Uri($"http://127.0.0.1:{FreePorts.Next()}");
        var node = Another(Place with { Endpoint = nowhere, Patience = TimeSpan.FromSeconds(3) });

        var failure = await Assert.ThrowsAnyAsync<IOException>(() => node.Objects.Open(key, Cancel));

        Assert.Contains("S3_ENDPOINT", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_is_missing_is_made()
    {
        var node = Another(Place with { Bucket = $"b-{Guid.NewGuid():n}" });
        await node.Objects.Put(key, new MemoryStream([1]), Cancel);

        Assert.Equal([1], await Read(node.Objects, key));
    }

    [Fact]
    public async Task A_place_that_belongs_to_another_installation_is_refused()
    {
        await Objects.Put(key, new MemoryStream([1]), Cancel);
        await Node.Sql("update eventfiles.object_store set id = gen_random_uuid()");

        await Tells("S3_PREFIX", Place);
    }

    [Fact]
    public async Task Of_two_installations_that_come_to_one_place_at_once_one_gets_it()
    {
        S3Node[] both = [Node, await Stranger()];
        var failures = await Task.WhenAll(both.Select(
            node => Record.ExceptionAsync(() => node.Objects.Put(NewKey(), new MemoryStream([1]), Cancel)).AsTask()));

        Assert.Single(failures, failure => failure is null);
        Assert.IsType<S3SettingsException>(Assert.Single(failures, failure => failure is not null));
        Assert.Single(await Node.NamesInBucket());
    }

    [Fact]
    public void Settings_that_are_written_down_show_no_secret()
    {
        var settings = Place with { AccessKey = "who-may", SecretKey = "and-how", Endpoint = new Uri("http://a:b-c@s3.example.org:81") };

        Assert.Equal(
            $"S3Settings {{ Endpoint = s3.example.org:81, Region = us-east-1, Bucket = {Place.Bucket}, Prefix = {Place.Prefix} }}", $"{settings}");
        Assert.Contains("S3_ENDPOINT", Assert.Single(settings.Mistakes()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_was_put_right_on_the_server_needs_no_restart()
    {
        await using var proxy = new FaultProxy(Place.Endpoint);
        proxy.Answer(_ => true, 403, "AccessDenied");
        var node = Another(Place with { Endpoint = proxy.Address });
        await Assert.ThrowsAsync<S3SettingsException>(() => node.Objects.Open(key, Cancel));

        Assert.Null(await node.Objects.Open(key, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_is_believed_only_with_its_authority(bool isKnown)
    {
        var (certificate, file) = Certificate();
        using (certificate)
        {
            await using var proxy = new FaultProxy(Place.Endpoint, certificate);
            var settings = Place with { Endpoint = proxy.Address, AuthoritiesFile = isKnown ? file : null };
            if (!isKnown)
            {
                await Tells("S3_CA_FILE", settings);
                return;
            }

            var bytes = RandomNumberGenerator.GetBytes(9 << 20);
            await Another(settings).Objects.Put(key, new MemoryStream(bytes), Cancel);
            Assert.Equal(bytes, await Read(Another(settings).Objects, key));
        }
    }

    [Fact]
    public async Task A_reader_can_be_sent_to_the_server_itself_where_that_is_allowed()
    {
        Assert.Null(Node.Presigned);
        await Objects.Put(key, new MemoryStream([1, 2, 3]), Cancel);
        var presigned = Another(Place with { PresignedReads = true }).Presigned!;

        var address = await presigned.Address(key, TimeSpan.FromMinutes(1), "image/png", "inline; filename=a.png", Cancel);
        using var client = new HttpClient();
        using var reply = await client.GetAsync(address, Cancel);
        Assert.Equal([1, 2, 3], await reply.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal("image/png", reply.Content.Headers.ContentType?.MediaType);
        Assert.Equal("a.png", reply.Content.Headers.ContentDisposition?.FileName);
        using var changed = await client.GetAsync(new Uri(address!.AbsoluteUri.Replace("image%2Fpng", "text%2Fhtml", StringComparison.Ordinal)), Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, changed.StatusCode);
        Assert.Null(await presigned.Address(NewKey(), TimeSpan.FromMinutes(1), "image/png", "inline", Cancel));
    }

    private async Task Tells(string setting, S3Settings settings)
    {
        var node = Another(settings);
        var failure = await Assert.ThrowsAsync<S3SettingsException>(() => node.Sweep.StartAsync(Cancel));
        Assert.Contains(setting, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Place.SecretKey, failure.ToString(), StringComparison.Ordinal);
    }

    private static (X509Certificate2 Certificate, string File) Certificate()
    {
        using var secret = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", secret, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(Directory.CreateTempSubdirectory("ca-").FullName, "ca.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return (X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null), file);
    }
}
