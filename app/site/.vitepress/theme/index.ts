// The system's fonts: nothing to download.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
