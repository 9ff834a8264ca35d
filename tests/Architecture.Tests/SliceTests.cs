namespace EventFiles.Architecture.Tests;

public sealed class SliceTests
{
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["Quota"] = ["QuotaDecider", "QuotaEvent"],
        ["Share"] = ["ShareEvent"],
        ["Upload"] = ["UploadView"],
    };

    [Fact]
    public void Every_slice_keeps_the_rules() =>
        Assert.Empty(
            from slice in SourceTree.Slices
            from path in SourceTree.CSharp("src", "Features", slice)
            from complaint in SliceRules.Complaints(SourceTree.Types, slice, Path.GetFileName(path), File.ReadAllText(path))
            select complaint);

    [Fact]
    public void Every_slice_has_the_same_roles() =>
        Assert.Empty(
            from slice in SourceTree.Slices
            let files = SourceTree.CSharp("src", "Features", slice).Select(path => Path.GetFileName(path)).ToList()
            from complaint in SliceRules.RoleComplaints(slice, files)
            select complaint);

    [Fact]
    public void Features_depend_on_the_platform_and_two_packages_only() =>
        Assert.All(typeof(Slice).Assembly.GetReferencedAssemblies(), reference =>
            Assert.Matches(@"^(System|Microsoft\.AspNetCore|Microsoft\.Extensions|Microsoft\.Net|Microsoft\.Win32|MediatR|FluentValidation)(\.|$)|^Microsoft\.Net\.Http\.Headers$|^netstandard$", reference.Name));

    [Fact]
    public void The_client_knows_the_server_by_HTTP_alone() =>
        Assert.All(typeof(EventFiles.Client.FilesCommands).Assembly.GetReferencedAssemblies(), reference =>
            Assert.Matches(@"^System(\.|$)|^Microsoft\.Win32\.Primitives$|^netstandard$", reference.Name));

    [Fact]
    public void Who_verifies_shares_no_code_with_the_server() =>
        Assert.All([typeof(EventFiles.Verify.Verification), typeof(EventFiles.Witness.WitnessProgram)], part =>
            Assert.All(part.Assembly.GetReferencedAssemblies(), reference =>
                Assert.Matches(@"^(System|Microsoft\.(AspNetCore|Extensions|Win32))(\.|$)|^netstandard$|^EventFiles\.Verify$", reference.Name)));

    [Fact]
    public void Infrastructure_knows_no_slice_but_the_sessions_it_must_check() =>
        Assert.Empty(
            from path in SourceTree.CSharp("src", "Infrastructure")
            where !path.Contains("/Security/", StringComparison.Ordinal)
            from slice in SourceTree.Slices
            where File.ReadAllText(path).Contains($"EventFiles.Features.{slice}", StringComparison.Ordinal)
            select $"{path} knows {slice}");

    [Fact]
    public void Types_have_names_that_say_something() =>
        Assert.Empty(
            from path in SourceTree.CSharp("src")
            from complaint in SliceRules.NameComplaints(Path.GetFileName(path), File.ReadAllText(path))
            select complaint);

    [Fact]
    public void No_file_is_two_things() =>
        Assert.Empty(
            from path in SourceTree.CSharp("src")
            let lines = File.ReadLines(path).Count()
            where lines > 350
            select $"{path} has {lines} lines");

    [Fact]
    public void The_program_is_a_list_one_can_read_at_a_glance() =>
        Assert.InRange(File.ReadLines(Path.Combine(SourceTree.Root, "src", "Host", "Program.cs")).Count(), 1, 80);

    // A rule that has never caught anything is not known to work.
    [Theory]
    [InlineData("ShareHandler.cs", "using EventFiles.Features.Quota;")]
    [InlineData("ShareHandler.cs", "using QuotaDecider = EventFiles.Features.Quota.QuotaDecider;")]
    [InlineData("ShareHandler.cs", "        return Quota.QuotaDecider.Decider;")]
    [InlineData("ShareHandler.cs", "    private readonly EventFiles.Features.Upload.UploadView view;")]
    [InlineData("ShareDecider.cs", "var at = DateTimeOffset.UtcNow;")]
    [InlineData("ShareDecider.cs", "var id = Guid.CreateVersion7();")]
    [InlineData("ShareProjection.cs", "await views.Save(view);")]
    [InlineData("ShareEvent.cs", "public DateTime At = DateTime.UtcNow;")]
    [InlineData("ShareHandler.cs", "using Npgsql;")]
    [InlineData("ShareHandler.cs", "using var file = File.OpenRead(path);")]
    [InlineData("ShareHandler.cs", "return StatusCodes.Status404NotFound;")]
    public void The_rules_catch(string file, string planted) =>
        Assert.NotEmpty(SliceRules.Complaints(Known, "Share", file, planted));

    [Theory]
    [InlineData("ShareHandler.cs", "using QuotaEvent = EventFiles.Features.Quota.QuotaEvent;")]
    [InlineData("ShareHandler.cs", "await streams.Append();")]
    [InlineData("ShareHandler.cs", "namespace EventFiles.Features.Share;")]
    [InlineData("ShareDecider.cs", "using static EventFiles.Features.Share.ShareEvent;")]
    [InlineData("ShareDecider.cs", "return Quota.Count;")]
    [InlineData("ShareDecider.cs", "// Quota.X is somebody else's")]
    [InlineData("ShareEndpoint.cs", "return StatusCodes.Status404NotFound;")]
    public void The_rules_allow(string file, string innocent) =>
        Assert.Empty(SliceRules.Complaints(Known, "Share", file, innocent));

    [Theory]
    [InlineData("internal sealed class FileManager")]
    [InlineData("public static class StringHelper")]
    [InlineData("public record FileData(int X)")]
    public void A_name_that_says_nothing_is_caught(string planted) =>
        Assert.NotEmpty(SliceRules.NameComplaints("X.cs", planted));

    [Fact]
    public void A_slice_without_its_roles_is_caught() =>
        Assert.Equal(
            ["Share has no Handler file", "Share has wishes and nobody who decides them"],
            SliceRules.RoleComplaints("Share", ["ShareSlice.cs", "ShareEndpoint.cs", "ShareCommand.cs"]));
}
