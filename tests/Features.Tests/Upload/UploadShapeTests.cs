using System.Text;
using EventFiles.Features.Upload;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Tests.Upload;

public sealed class UploadShapeTests
{
    private static readonly FolderId Folder = new(Guid.Parse("00000000-0000-7000-8000-0000000000aa"));

    [Fact]
    public void A_resumable_upload_says_its_name_type_and_place()
    {
        var header = $"filename {B64("Größe ☃.txt")}, filetype {B64("text/plain")},folderId {B64(Folder.ToString())},onConflict {B64("newVersion")},other,more {B64("x")}";
        Assert.Equal(
            new TusMetadata("Größe ☃.txt", "text/plain", new Placement(Folder, NameConflict.NewVersion)), Yes(TusMetadata.Parse(header)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void A_resumable_upload_may_say_nothing(string? header) =>
        Assert.Equal(new TusMetadata(null, null, new Placement(null, NameConflict.Rename)), Yes(TusMetadata.Parse(header)));

    [Theory]
    [InlineData("filename ***")]
    [InlineData("filename YQ==,filename Yg==")]
    [InlineData("filename YQ==,")]
    [InlineData(",")]
    [InlineData("filename  YQ== Yg==")]
    [InlineData("filename /w==")]
    [InlineData("dateiname\u00e4 YQ==")]
    public void Metadata_that_cannot_be_read_is_refused(string header) =>
        Assert.Equal(UploadRejection.BadMetadata, TusMetadata.Parse(header).Refusal);

    [Fact]
    public void What_is_told_of_an_upload_reads_as_it_was_said()
    {
        var about = Yes(TusMetadata.Parse(TusMetadata.Format("ein Name, mit Komma", "text/plain")));
        Assert.Equal(("ein Name, mit Komma", "text/plain"), (about.Name, about.Type));
    }

    [Theory]
    [InlineData("nonsense", null, "folderId")]
    [InlineData("{00000000-0000-7000-8000-0000000000aa}", null, "folderId")]
    [InlineData(null, "explode", "onConflict")]
    public void A_place_that_makes_no_sense_is_named(string? folder, string? onConflict, string field)
    {
        var refusal = Placement.Parse(folder, onConflict).Refusal;
        Assert.Equal((UploadRejection.BadField.Code, RejectionKind.Invalid), (refusal?.Code, refusal?.Kind));
        Assert.Equal([field], refusal!.Errors!.Keys);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("root")]
    public void No_folder_is_the_root(string? folder) =>
        Assert.Equal(new Placement(null, NameConflict.Rename), Yes(Placement.Parse(folder, null)));

    [Fact]
    public void A_token_leads_to_its_file_and_opens_nothing_for_another_account()
    {
        var (olga, ravi) = (new AccountId(Guid.NewGuid()), new AccountId(Guid.NewGuid()));
        var file = new FileId(Guid.NewGuid());
        var token = UploadToken.New(file);

        Assert.True(UploadToken.TryRead(token, out var found));
        Assert.Equal(file, found);
        Assert.NotEqual(token, UploadToken.New(file));
        Assert.NotEqual(UploadToken.Digest(token, olga), UploadToken.Digest(token, ravi));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_cannot_be_a_token_leads_nowhere(string token) => Assert.False(UploadToken.TryRead(token, out _));

    [Fact]
    public void What_is_not_configured_has_its_default()
    {
        var options = UploadOptions.From(new ConfigurationBuilder().Build());
        Assert.Equal((5L << 30, TimeSpan.FromHours(24)), (options.MaxFileBytes, options.Life));
        Assert.Empty(options.RefusedTypes);
    }

    [Fact]
    public void An_operator_decides_what_is_taken()
    {
        var options = Configured(
            ("Upload:MaxFileBytes", "1000"), ("Upload:Life", "01:30:00"),
            ("Upload:RefusedTypes", "application/x-executable, video/*"), ("Upload:RefusedTypes:0", "text/html"));
        Assert.Equal((1000, TimeSpan.FromMinutes(90)), (options.MaxFileBytes, options.Life));
        Assert.True(options.Refuses("application/x-executable"));
        Assert.True(options.Refuses("video/mp4"));
        Assert.True(options.Refuses("text/html"));
        Assert.False(options.Refuses("text/plain"));
    }

    [Theory]
    [InlineData("Upload:MaxFileBytes", "much")]
    [InlineData("Upload:MaxFileBytes", "-1")]
    [InlineData("Upload:Life", "0")]
    [InlineData("Upload:Life", "soon")]
    public void A_setting_that_makes_no_sense_stops_the_start(string setting, string value) =>
        Assert.Throws<InvalidOperationException>(() => Configured((setting, value)));

    private static UploadOptions Configured(params (string Key, string Value)[] settings) => UploadOptions.From(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)))
            .Build());

    private static string B64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static T Yes<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Yes>(answer).Value;
}
